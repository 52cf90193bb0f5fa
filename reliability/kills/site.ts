import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bzImage } from '../../test/assets/headers.ts';
import { connect, type Host, type Lab } from '../../test/lab/net.ts';
import { Service } from '../../test/lab/service.ts';

export const SERVICES = ['dhcp', 'tftp', 'http'] as const;
export type Name = (typeof SERVICES)[number];

export const SERVER = '10.77.1.1';
const POOL = { first: '10.77.1.129', count: 120, network: '10.77.1.128/25' };
const MIRROR = fileURLToPath(new URL('./mirror-program.ts', import.meta.url));
const MIRROR_PORT = 7999;
const KERNEL_BYTES = 4 << 20;

/** Services on a host of their own, each started and ended by itself; a host of machines that answers for the whole pool; and a mirror of loaders. */
export class Site {
  readonly server: Host;
  readonly machines: Host;
  readonly images: string;
  readonly state: string;
  readonly kernel: Buffer;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #running = new Map<Name, Service>();

  constructor(lab: Lab, folder: string) {
    this.server = lab.host('server');
    this.machines = lab.host('machines');
    connect(
      { host: this.server, adapter: 'lan0', address: `${SERVER}/24` },
      { host: this.machines, adapter: 'eth0', address: '10.77.1.2/24' },
    );
    this.machines.ip('route', 'add', 'local', POOL.network, 'dev', 'eth0');
    this.images = join(folder, 'images');
    this.state = join(folder, 'state');
    for (const made of [this.images, this.state]) mkdirSync(made);
    this.kernel = Buffer.concat([
      bzImage(),
      Buffer.alloc(KERNEL_BYTES, 'all of a kernel, and nothing else; '),
    ]);
    writeFileSync(join(this.images, 'vmlinuz'), this.kernel);
    this.#environment = {
      ADAPTER: 'lan0',
      MODE: 'server',
      START_ADDRESS: POOL.first,
      LEASE_COUNT: String(POOL.count),
      LEASE_TIME: '60',
      LOADER_MIRROR: `http://127.0.0.1:${MIRROR_PORT}/`,
      JOURNAL_SIZE: '8',
      LOG_LEVEL: 'info',
      IMAGES_DIR: this.images,
      STATE_DIR: this.state,
      TMPDIR: folder,
    };
  }

  startMirror(): void {
    this.server.spawn(process.execPath, [MIRROR, String(MIRROR_PORT)], { stdio: 'ignore' });
  }

  /** Starts a service and does not wait. */
  begin(name: Name, settings: Readonly<Record<string, string>> = {}): Service {
    const service = new Service(this.server, name, { ...this.#environment, ...settings });
    this.#running.set(name, service);
    return service;
  }

  service(name: Name): Service {
    return this.#running.get(name)!;
  }

  async end(): Promise<void> {
    await Promise.all([...this.#running.values()].map((service) => service.stop('SIGKILL')));
  }
}

/** Resolves when a service that was begun serves. */
export async function serving(name: Name, service: Service): Promise<void> {
  await service.log.until(new RegExp(`${name} serves`), { seconds: 30 });
}
