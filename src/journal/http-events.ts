import { SCRIPT_NAME } from '../boot/plan.ts';
import { type Burst, sourcesText } from './burst.ts';
import { debug, error, info, type Line, type Texts, warn } from './line.ts';
import { isOptional } from './optional-files.ts';
import { stoppedText, stoppingText } from './stopping.ts';

/** The bytes of a file that were asked for, both ends included; undefined means all of it. */
type Range = { readonly first: number; readonly last: number } | undefined;

interface Transfer {
  /** Its number in this run of the service. */
  readonly transfer: number;
  /** The machine, by its address. */
  readonly address: string;
  readonly name: string;
  readonly range?: Range;
}

/** What can keep a caller waiting, or cost it its connection. slow: it takes hardly anything of its file. pipelining: it asks far ahead. */
export type HttpLimit =
  | 'connections'
  | 'connections per address'
  | 'slow'
  | 'pipelining'
  | 'listeners'
  | 'listeners per address';

/** The reason of a transfer that was ended because its service was. */
export const SERVICE_STOPPED = 'the service stopped';

export type HttpEvent =
  /** Once a burst; `allowed`: what the limit is set to. */
  | (Burst & { readonly kind: 'http.limited'; readonly limit: HttpLimit; readonly allowed: number })
  /** Less connections than are wanted, as the system lets the process have no more files and sockets open. */
  | {
      readonly kind: 'http.few-descriptors';
      readonly wanted: number;
      readonly connections: number;
      readonly descriptors: number;
    }
  | { readonly kind: 'http.listening'; readonly address: string; readonly port: number; readonly url: string }
  /** No transfer is begun any more, and these are waited for. */
  | { readonly kind: 'http.stopping'; readonly transfers: number }
  /** Transfers that were over in time, and those that were ended. */
  | { readonly kind: 'http.stopped'; readonly finished: number; readonly ended: number }
  /** What machines boot from now on, or why they cannot. */
  | {
      readonly kind: 'http.choice.ready';
      readonly kernel: string;
      readonly initrds: readonly string[];
      readonly summary: string;
      readonly notes: readonly string[];
    }
  | { readonly kind: 'http.choice.missing'; readonly reason: string; readonly remedy: string }
  /** Files of images/ that nobody can be given. */
  | { readonly kind: 'http.images.unreadable'; readonly problems: readonly string[] }
  | { readonly kind: 'http.script.written'; readonly path: string; readonly again: boolean }
  | {
      readonly kind: 'http.script.edited';
      readonly path: string;
      readonly line: number;
      readonly edited: string | undefined;
      readonly generated: string | undefined;
    }
  | { readonly kind: 'http.script.unwritable'; readonly path: string; readonly reason: string }
  /** Parts of CMDLINE that machines do not get which boot by GRUB. */
  | { readonly kind: 'http.grub.lost'; readonly lost: readonly string[] }
  /** A machine fetched a generated file; one that `waits` cannot boot yet, and comes back every few seconds. */
  | {
      readonly kind: 'http.script';
      readonly address: string;
      readonly name: string;
      readonly bytes: number;
      readonly made: 'generated' | 'edited';
      readonly waits: boolean;
    }
  | (Transfer & { readonly kind: 'http.asset.start'; readonly size: number })
  /** Twice a second at most, while something moves; `bytes` of `wanted` have been taken. */
  | (Transfer & { readonly kind: 'http.asset.progress'; readonly bytes: number; readonly wanted: number })
  | (Transfer & { readonly kind: 'http.asset.done'; readonly bytes: number; readonly milliseconds: number })
  | (Transfer & {
      readonly kind: 'http.asset.aborted';
      readonly bytes: number;
      readonly wanted: number;
      readonly milliseconds: number;
      /** Undefined where the machine itself hung up; see {@link SERVICE_STOPPED}. */
      readonly reason: string | undefined;
    })
  | {
      readonly kind: 'http.not-found';
      readonly address: string;
      readonly name: string;
      readonly nearest: string | undefined;
    }
  | {
      readonly kind: 'http.refused';
      readonly address: string;
      readonly status: number;
      readonly request: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'http.failed';
      readonly address: string;
      readonly request: string;
      readonly reason: string;
    }
  /** Told where it is more than one. */
  | { readonly kind: 'http.threads'; readonly threads: number }
  /** One of the threads that answer machines has died; the others go on. */
  | { readonly kind: 'http.worker.ended'; readonly reason: string; readonly retryIn: number }
  /** The thread that reads the journals has died. */
  | { readonly kind: 'http.observer.ended'; readonly reason: string; readonly retryIn: number };

const part = (range: Range) => (range ? ` bytes ${range.first}–${range.last}` : '');

function pace(bytes: number, milliseconds: number): string {
  const speed = milliseconds >= 100 ? `, ${(bytes / 1000 / milliseconds).toFixed(1)} MB/s` : '';
  return `${bytes} bytes in ${(milliseconds / 1000).toFixed(1)} s${speed}`;
}

const shown = (line: string | undefined) => (line === undefined ? 'nothing' : JSON.stringify(line));

function edited({ path, line, edited, generated }: HttpEvent & { kind: 'http.script.edited' }): Line {
  return warn(
    `${path} was edited by hand, so it is served as it is and no longer follows .env and images/. ` +
      `It differs from line ${line} on: there is ${shown(edited)}, generated would be ${shown(generated)}. ` +
      'Delete the file to have it generated again',
  );
}

type Limited = Extract<HttpEvent, { kind: 'http.limited' }>;

const LIMITED: Readonly<Record<HttpLimit, (e: Limited) => string>> = {
  connections: (e) =>
    `all ${e.allowed} connections were taken (HTTP_CONNECTIONS) when ${often(e)} asked for one more: those that were idle for longest gave way. ` +
    'Raise it if so many machines are there',
  'connections per address': (e) =>
    `${often(e)} asked for more than ${e.allowed} connections (HTTP_CONNECTIONS_PER_ADDRESS): those of the same address that were idle for longest gave ` +
    'way. Look for a program that floods this server; raise it if that many machines share the address',
  slow: (e) =>
    `${e.count} downloads of ${sourcesText(e)} were ended, as they took hardly anything and connections or memory were short. Look there for a program that ` +
    'holds connections open',
  pipelining: (e) =>
    `${e.count} connections of ${sourcesText(e)} were ended: more than ${e.allowed} requests were sent ahead of their answers. Have that program wait for answers`,
  listeners: (e) =>
    `${often(e)} wanted to follow events, which ${e.allowed} do already (EVENT_LISTENERS). Close pages that nobody looks at, or raise it`,
  'listeners per address': (e) =>
    `${often(e)} wanted to follow events more than ${e.allowed} times, a quarter of EVENT_LISTENERS. Close pages that nobody looks at, or raise it`,
};

/** "10.0.0.5, 12 times in 60 s," */
const often = (e: Limited) =>
  `${sourcesText(e)}, ${e.count} times in ${Math.round(e.milliseconds / 1000)} s,`;

export const httpTexts: Texts<HttpEvent> = {
  'http.limited': (e) => warn(LIMITED[e.limit](e)),
  'http.few-descriptors': ({ wanted, connections, descriptors }) =>
    warn(
      `no more than ${connections} connections instead of ${wanted} (HTTP_CONNECTIONS), as this process may have only ${descriptors} files and sockets open. ` +
        'Give it more, under Docker by ulimits: { nofile: 65536 } in compose.yaml, or lower HTTP_CONNECTIONS',
    ),
  'http.listening': ({ address, port, url }) =>
    debug(`http listens on ${address}:${port}; machines fetch their script from ${url}`),
  'http.stopping': ({ transfers }) => info(stoppingText('HTTP', transfers)),
  'http.stopped': (e) => (e.finished + e.ended > 0 ? info : debug)(stoppedText('HTTP', e)),
  'http.choice.ready': ({ summary, notes }) =>
    (notes.length > 0 ? warn : info)([`machines boot ${summary}`, ...notes].join('; ')),
  'http.choice.missing': ({ reason, remedy }) => warn(`machines cannot boot: ${reason}. To do: ${remedy}`),
  'http.images.unreadable': ({ problems }) => warn(`cannot be served: ${problems.join('; ')}`),
  'http.script.written': ({ path, again }) =>
    info(again ? `${path} was generated anew, because what it boots has changed` : `${path} was generated`),
  'http.script.edited': edited,
  'http.script.unwritable': ({ path, reason }) =>
    warn(
      `${path} cannot be written: ${reason}. Machines that ask by HTTP get it all the same, from memory; those that ask by TFTP do not. ` +
        'To keep it in the folder, mount images/ without :ro and let the container write there',
    ),
  'http.grub.lost': ({ lost }) =>
    warn(
      `machines that boot by GRUB (Secure Boot) do not get all of CMDLINE: ${lost.join(', ')} ` +
        `${lost.length === 1 ? 'is' : 'are'} nothing that GRUB can hand on. It knows \${mac}, \${ip}, \${next-server}, \${uuid}, ` +
        '${serial}, ${manufacturer} and ${product}, and keeps no quotes or backslashes inside of a value',
    ),
  'http.script': ({ address, name, made, waits }) => {
    const what = name === SCRIPT_NAME ? 'boot script' : name;
    return made === 'generated' && waits
      ? debug(`${address} fetched the ${what}, which tells it to wait`)
      : info(`${address} fetched the ${made === 'edited' ? 'hand-edited ' : ''}${what}`);
  },
  'http.asset.start': ({ address, name, size, range }) =>
    debug(`${address} fetches ${name}${part(range)} (${size} bytes)`),
  'http.asset.progress': ({ address, name, bytes, wanted }) =>
    debug(`${address} has ${bytes} of ${wanted} bytes of ${name}`),
  'http.asset.done': ({ address, name, bytes, milliseconds, range }) =>
    info(`${address} got ${name}${part(range)}: ${pace(bytes, milliseconds)}`),
  'http.asset.aborted': ({ address, name, bytes, wanted, reason, range }) =>
    warn(
      `${address} got only ${bytes} of ${wanted} bytes of ${name}${part(range)}: ${reason ?? 'it closed the connection'}`,
    ),
  'http.not-found': ({ address, name, nearest }) =>
    (isOptional(name) ? debug : warn)(
      `${address} asked for ${name}, which images/ does not have${nearest ? `; it has ${nearest}` : ''}`,
    ),
  'http.refused': ({ address, status, request, reason }) =>
    warn(`${address} was refused ${request} (${status}): ${reason}`),
  'http.threads': ({ threads }) => info(`http answers machines on ${threads} threads`),
  'http.worker.ended': ({ reason, retryIn }) =>
    error(
      `one of the threads that answer machines has ended, and what it was sending broke off; the others go on: ${reason}; ` +
        `a new one starts in ${Math.round(retryIn / 1000)} s`,
    ),
  'http.observer.ended': ({ reason, retryIn }) =>
    error(
      `the journals are not read any more, so page and API show nothing new (machines boot all the same): ${reason}; ` +
        `reading begins anew in ${Math.round(retryIn / 1000)} s`,
    ),
  'http.failed': ({ address, request, reason }) => error(`${request} for ${address} failed: ${reason}`),
};
