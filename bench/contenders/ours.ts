import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Contender, Service } from '../contract.ts';
import { SERVER_ADAPTER } from '../field.ts';
import { poolOf } from '../pool.ts';
import { type Program, serverFolder, startPrograms } from './program.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LISTENS: Readonly<Record<Service, Program['listens']>> = {
  dhcp: ['udp 67'],
  tftp: ['udp 69'],
  http: ['tcp 80'],
};

export const ours: Contender = {
  name: 'ours',
  serves: ['dhcp', 'tftp', 'http'],
  settings: 'LOG_LEVEL=warn; otherwise as it comes, with the journal on and leases on disk before their ACKs',
  missing: () => undefined,
  version() {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    try {
      const commit = execFileSync('git', ['-C', ROOT, 'rev-parse', '--short', 'HEAD'], { encoding: 'utf8' });
      return `${version} (${commit.trim()}), Node ${process.versions.node}`;
    } catch {
      return `${version}, Node ${process.versions.node}`;
    }
  },
  async start(field, site) {
    const folder = serverFolder('ours');
    const state = join(folder, 'state');
    mkdirSync(state);
    const pool = poolOf(site);
    const environment = {
      ADAPTER: SERVER_ADAPTER,
      IMAGES_DIR: site.images,
      STATE_DIR: state,
      TMPDIR: folder,
      START_ADDRESS: pool.start,
      LEASE_COUNT: String(pool.count),
      LEASE_TIME: String(pool.leaseSeconds),
      // Refuses every connection: loaders are there or are not wanted.
      LOADER_MIRROR: 'http://127.0.0.1:7999/',
      LOG_LEVEL: 'warn',
      ...site.settings,
    };
    const program = (name: Service): Program => ({
      file: process.execPath,
      args: [join(ROOT, 'src/main.ts'), name],
      environment,
      listens: LISTENS[name],
    });
    return startPrograms(field, folder, site.services.map(program));
  },
};
