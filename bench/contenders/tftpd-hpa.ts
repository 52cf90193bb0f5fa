import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from '../../test/lab/guest-system.ts';
import type { Contender } from '../contract.ts';
import { serverFolder, startPrograms } from './program.ts';

/** The package conflicts with atftpd's: it is unpacked beside instead of installed. */
const FOLDER = join(CACHE, 'tftpd-hpa');
const FILE = join(FOLDER, 'usr/sbin/in.tftpd');
const COMMAND = 'apt-get download tftpd-hpa';

const packageFile = () => readdirSync(FOLDER).find((name) => name.endsWith('.deb'));

function fetched(): boolean {
  if (existsSync(FILE)) return true;
  mkdirSync(FOLDER, { recursive: true });
  try {
    execFileSync('apt-get', ['download', 'tftpd-hpa'], { cwd: FOLDER, stdio: 'pipe' });
    execFileSync('dpkg', ['-x', packageFile()!, FOLDER], { cwd: FOLDER, stdio: 'pipe' });
  } catch {
    // Said by missing().
  }
  return existsSync(FILE);
}

export const tftpdHpa: Contender = {
  name: 'tftpd-hpa',
  serves: ['tftp'],
  settings: "Debian's options (--secure), which log no transfers",
  missing: () => (fetched() ? undefined : `tftpd-hpa could not be fetched: ${COMMAND}`),
  version: () => /_(.+)_/.exec(packageFile() ?? '')?.[1]?.replaceAll('%3a', ':') ?? 'unknown',
  async start(field, site) {
    return startPrograms(field, serverFolder('tftpd-hpa'), [
      {
        file: FILE,
        args: ['--listen', '--foreground', '--user', 'root', '--address', ':69', '--secure', site.images],
        listens: ['udp 69'],
      },
    ]);
  },
};
