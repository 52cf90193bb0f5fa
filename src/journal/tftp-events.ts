import { type Burst, sourcesText } from './burst.ts';
import { debug, error, info, type Texts, warn } from './line.ts';
import { isOptional } from './optional-files.ts';
import { sizeText } from './size.ts';
import { stoppedText, stoppingText } from './stopping.ts';

/** One file on its way to one machine; `transfer` is its number in this run of the service. */
interface Transfer {
  address: string;
  file: string;
  transfer: number;
}

/**
 * What can keep a request from being answered. outside: its source is of no network that is served. hurry: too many of the address have come to
 * nothing. unanswered: nobody has answered what was sent. errors: it has had too many ERRORs.
 */
export type TftpLimit = 'outside' | 'hurry' | 'per address' | 'in all' | 'unanswered' | 'errors';

/** `address` is the machine's, dotted. Names of files hold nothing unprintable. Sizes are bytes, `ms` milliseconds. */
export type TftpEvent =
  | { kind: 'tftp.listening'; on: string; port: number; ports: 'one' | 'each' }
  | { kind: 'tftp.elsewhere'; advertised: string; on: string }
  | { kind: 'tftp.socket-failed'; on: string; problem: string }
  /** No transfer is begun any more, and these are waited for. */
  | { kind: 'tftp.stopping'; transfers: number }
  /** Transfers that were over in time, and those that were ended. */
  | { kind: 'tftp.stopped'; finished: number; ended: number }
  | (Transfer & {
      kind: 'tftp.start';
      size: number;
      blksize: number;
      windowsize: number;
      timeout?: number;
    })
  /** Twice a second at most, while something moves. */
  | (Transfer & { kind: 'tftp.progress'; bytes: number; size: number; retransmissions: number })
  | (Transfer & {
      kind: 'tftp.done';
      bytes: number;
      ms: number;
      retransmissions: number;
      blksize: number;
      windowsize: number;
    })
  | (Transfer & {
      kind: 'tftp.aborted';
      code: number;
      message: string;
      bytes: number;
      size: number;
      /** Before it had taken anything: firmware that only asked for the size. */
      probe: boolean;
    })
  | (Transfer & {
      kind: 'tftp.timeout';
      bytes: number;
      size: number;
      retransmissions: number;
      blksize: number;
      windowsize: number;
      /** All of it was sent; only the last acknowledgement did not come. */
      sentWhole: boolean;
    })
  | (Transfer & { kind: 'tftp.failed'; problem: string })
  | (Transfer & { kind: 'tftp.cancelled'; reason: string; bytes: number; size: number })
  /** Nobody answered, and there are many such. */
  | (Transfer & { kind: 'tftp.unanswered'; size: number })
  /** Once a burst; `allowed`: what the limit is set to. */
  | (Burst & { kind: 'tftp.limited'; limit: TftpLimit; allowed: number })
  | { kind: 'tftp.not-found'; address: string; file: string; path: string; nearest?: string }
  | { kind: 'tftp.refused'; address: string; file?: string; problem: string }
  | { kind: 'tftp.malformed'; address: string; problem: string }
  | { kind: 'tftp.stranger'; address: string; port: number }
  | { kind: 'tftp.send-failed'; address: string; problem: string };

/** A machine that waits for a kernel loads it every few seconds. */
const ASKED_AGAIN = /(^|\/)(infrakit\.ipxe|grub\/grub\.cfg)$/;

export const tftpTexts: Texts<TftpEvent> = {
  'tftp.listening': (e) =>
    debug(
      `serving TFTP on ${e.on}:${e.port}${e.ports === 'each' ? ', each transfer from a port of its own' : ''}`,
    ),
  'tftp.elsewhere': (e) =>
    warn(
      `machines are sent to ${e.advertised} for TFTP (ADDRESS_TFTP), which is not an address of this host; ` +
        `this service answers on ${e.on} only. Scale it to 0 if the other host does the job`,
    ),
  'tftp.socket-failed': (e) => error(`the TFTP socket on ${e.on} failed: ${e.problem}; opening it again`),
  'tftp.stopping': (e) => info(stoppingText('TFTP', e.transfers)),
  'tftp.stopped': (e) => (e.finished + e.ended > 0 ? info : debug)(stoppedText('TFTP', e)),
  'tftp.start': (e) =>
    debug(
      `sends ${e.file} to ${e.address}: ${sizeText(e.size)}, blocks of ${e.blksize}, window ${e.windowsize}` +
        (e.timeout === undefined ? '' : `, timeout ${e.timeout} s`),
    ),
  'tftp.progress': (e) => debug(`${e.address} has ${sizeText(e.bytes)} of ${sizeText(e.size)} of ${e.file}`),
  'tftp.done': (e) =>
    (ASKED_AGAIN.test(e.file) ? debug : info)(
      `${e.address} has loaded ${e.file}: ${sizeText(e.bytes)} in ${(e.ms / 1000).toFixed(e.ms < 1000 ? 3 : 1)} s` +
        (e.retransmissions > 0 ? `, ${count(e.retransmissions, 'packet')} sent again` : ''),
    ),
  'tftp.aborted': (e) =>
    e.probe
      ? debug(`${e.address} asked only about ${e.file} (${reason(e)})`)
      : warn(
          `${e.address} gave up on ${e.file} after ${sizeText(e.bytes)} of ${sizeText(e.size)}: ${reason(e)}`,
        ),
  'tftp.timeout': (e) =>
    e.sentWhole
      ? info(`${e.address} was sent all of ${e.file} but did not acknowledge the end of it`)
      : warn(
          `${e.address} stopped answering while loading ${e.file}, after ${sizeText(e.bytes)} of ${sizeText(e.size)}: ` +
            'machine reset, cable, or a firewall that drops UDP',
        ),
  'tftp.failed': (e) => error(`cannot send ${e.file} to ${e.address}: ${e.problem}`),
  'tftp.cancelled': (e) =>
    info(
      `ended sending ${e.file} to ${e.address} after ${sizeText(e.bytes)} of ${sizeText(e.size)}: ${e.reason}`,
    ),
  'tftp.unanswered': (e) => debug(`gave up sending ${e.file} to ${e.address}, which has answered nothing`),
  'tftp.limited': (e) => warn(LIMITED[e.limit](e)),
  'tftp.not-found': (e) =>
    (isOptional(e.file) ? debug : info)(
      `${e.address} asked for ${e.file}: there is no ${e.path}` +
        (e.nearest === undefined ? '' : `; did you mean ${e.nearest}?`),
    ),
  'tftp.refused': (e) =>
    warn(`refused ${e.address}${e.file === undefined ? '' : ` ${e.file}`}: ${e.problem}`),
  'tftp.malformed': (e) => debug(`ignored a packet of ${e.address} that is not TFTP: ${e.problem}`),
  'tftp.stranger': (e) => debug(`${e.address}:${e.port} answered a transfer that it has no part in`),
  'tftp.send-failed': (e) => warn(`cannot send to ${e.address}: ${e.problem}`),
};

type Limited = Extract<TftpEvent, { kind: 'tftp.limited' }>;

const asked = (e: Limited) => `${e.count} requests of ${sourcesText(e)} in ${seconds(e)}`;

const LIMITED: Readonly<Record<TftpLimit, (e: Limited) => string>> = {
  outside: (e) =>
    `not answered: ${asked(e)}, from outside of the networks that are served. If those are machines that boot here, name their network in SUBNETS, ` +
    'or set TFTP_CLIENTS=any',
  hurry: (e) =>
    `not answered: ${asked(e)}; more than ${e.allowed} a second of one address came to nothing before (TFTP_TRANSFERS_PER_ADDRESS). ` +
    'Look for a program that floods this server; raise it if many machines share that address',
  'per address': (e) =>
    `not answered yet: ${asked(e)}, which had ${e.allowed} transfers open already (TFTP_TRANSFERS_PER_ADDRESS). Machines ask again; raise it if many ` +
    'of them share that address',
  'in all': (e) =>
    `not answered yet: ${asked(e)}; all ${e.allowed} transfers are taken (TFTP_TRANSFERS). Machines ask again; raise it if so many boot at once`,
  unanswered: (e) =>
    `${e.count} transfers to ${sourcesText(e)} were begun within ${seconds(e)} and never answered: forged requests, or a firewall that keeps our answers ` +
    'from the machines',
  errors: (e) =>
    `${e.count} packets of ${sourcesText(e)} in ${seconds(e)} got no ERROR any more, as so many got one before. Look for a program that floods this server`,
};

const seconds = ({ milliseconds }: Limited) => `${Math.round(milliseconds / 1000)} s`;

function reason(e: { code: number; message: string }): string {
  return e.message === '' ? `error ${e.code}` : `error ${e.code}, ${e.message}`;
}

function count(n: number, thing: string): string {
  return `${n} ${thing}${n === 1 ? '' : 's'}`;
}
