import { fileURLToPath } from 'node:url';

/** A foreign TFTP client, as a command line that loads `file` from `host` into `to`. */
export interface Client {
  readonly name: string;
  /** The program that it needs, for requires(). */
  readonly program: string;
  /** curl takes the answer tsize=0 for malformed. */
  readonly refusesEmpty?: true;
  /** atftp gives up ("unexpected OACK") where an OACK comes again, as it has to when the ACK of it was lost (RFC 2347). */
  readonly refusesOackAgain?: true;
  command(host: string, file: string, to: string): readonly [string, string[]];
}

const FETCH = fileURLToPath(new URL('./fetch-tftp.ts', import.meta.url));

function atftp(name: string, ...options: string[]): Client {
  const flags = options.flatMap((option) => ['--option', option]);
  return {
    name,
    program: 'atftp',
    command: (host, file, to) => ['atftp', ['--get', '-r', file, '-l', to, ...flags, host]],
  };
}

function curl(name: string, ...flags: string[]): Client {
  return {
    name,
    program: 'curl',
    command: (host, file, to) => ['curl', ['-sS', '-o', to, ...flags, `tftp://${host}/${file}`]],
  };
}

function busybox(name: string, ...flags: string[]): Client {
  return {
    name,
    program: 'busybox',
    command: (host, file, to) => ['busybox', ['tftp', '-g', '-r', file, '-l', to, ...flags, host]],
  };
}

export const lockstep: readonly Client[] = [
  atftp('atftp'),
  curl('curl without options', '--tftp-no-options'),
  busybox('busybox'),
];

export const withOptions: readonly Client[] = [
  {
    ...atftp('atftp with large blocks', 'blksize 1428', 'tsize 0', 'timeout 1'),
    refusesOackAgain: true,
  },
  { ...atftp('atftp with a window of 8', 'blksize 1428', 'windowsize 8'), refusesOackAgain: true },
  { ...curl('curl with blocks of 1468', '--tftp-blksize', '1468'), refusesEmpty: true },
  busybox('busybox with blocks of 1400', '-b', '1400'),
  {
    name: 'the tftp package',
    program: 'node',
    command: (host, file, to) => [process.execPath, [FETCH, host, file, to]],
  },
];
