import type { Contender } from '../contract.ts';
import { missing, version } from './debian.ts';
import { serverFolder, startPrograms } from './program.ts';

const PACKAGED = { file: '/usr/sbin/atftpd', package: 'atftpd' };

export const atftpd: Contender = {
  name: 'atftpd',
  serves: ['tftp'],
  settings:
    "Debian's options (--tftpd-timeout 300 --retry-timeout 5) with --verbose=3, which logs no transfers, and --maxthread raised from 100 to 1,000 for 128 clients",
  missing: () => missing(PACKAGED),
  version: () => version(PACKAGED),
  async start(field, site) {
    const args = ['--daemon', '--no-fork', '--user', 'root', '--group', 'root', '--port', '69'];
    const debian = ['--tftpd-timeout', '300', '--retry-timeout', '5', '--maxthread', '1000'];
    return startPrograms(field, serverFolder('atftpd'), [
      {
        file: PACKAGED.file,
        args: [...args, ...debian, '--verbose=3', '--logfile', '/dev/null', site.images],
        listens: ['udp 69'],
      },
    ]);
  },
};
