import type { Event } from '../event.ts';
import { SERVICE_STOPPED } from '../http-events.ts';

/** Why a file did not arrive. */
export type Trouble =
  | { readonly kind: 'missing'; readonly nearest: string | undefined }
  | { readonly kind: 'refused'; readonly reason: string; readonly status?: number }
  /** The machine ended it. */
  | { readonly kind: 'aborted'; readonly reason: string }
  /** The machine fell silent in the middle of it. */
  | { readonly kind: 'timeout'; readonly bytes: number }
  /** This side ended it: its service stops, or the machine has turned to something else. */
  | { readonly kind: 'cancelled'; readonly reason: string }
  /** This side could not go on. */
  | { readonly kind: 'broken'; readonly reason: string };

/** What a TFTP or HTTP event tells of a file. `transfer` is its number in that run of the service. */
export type FileNews = {
  readonly service: 'tftp' | 'http';
  readonly file: string;
  readonly ranged: boolean;
} & (
  | {
      readonly what: 'start';
      readonly transfer: number;
      readonly size: number;
      readonly blksize?: number;
    }
  | {
      readonly what: 'progress';
      readonly transfer: number;
      readonly bytes: number;
      readonly size?: number;
      readonly retransmissions?: number;
    }
  | {
      readonly what: 'done';
      readonly transfer: number;
      readonly bytes: number;
      readonly ms: number;
      readonly retransmissions?: number;
    }
  /** Only its size was wanted. */
  | { readonly what: 'probe'; readonly transfer: number }
  | {
      readonly what: 'ended';
      readonly transfer?: number;
      readonly bytes: number;
      readonly size?: number;
      readonly retransmissions?: number;
      readonly blksize?: number;
      readonly trouble: Trouble;
    }
);

/** Scripts are sent from memory and have no number. */
const SCRIPT = -1;

const LONGEST_NAME = 200;

/** One name for what clients write in many ways: "/vmlinuz", "./vmlinuz", "vmlinuz". */
export function plainName(name: string): string {
  return name.replace(/^(\.?[\\/])+/, '').slice(0, LONGEST_NAME);
}

/** undefined where the event is about no file. */
export function fileNews(event: Event): FileNews | undefined {
  switch (event.kind) {
    case 'tftp.start':
      return { ...tftp(event), what: 'start', size: event.size, blksize: event.blksize };
    case 'tftp.progress':
      return { ...tftp(event), ...counted(event), what: 'progress' };
    case 'tftp.done':
      return {
        ...tftp(event),
        what: 'done',
        bytes: event.bytes,
        ms: event.ms,
        retransmissions: event.retransmissions,
      };
    case 'tftp.aborted': {
      if (event.probe) return { ...tftp(event), what: 'probe' };
      const reason = event.message || `error ${event.code}`;
      return {
        ...tftp(event),
        what: 'ended',
        bytes: event.bytes,
        size: event.size,
        trouble: { kind: 'aborted', reason },
      };
    }
    case 'tftp.timeout':
      // Only its last ACK is missing, which machines that start the file at once do not send.
      if (event.sentWhole)
        return {
          ...tftp(event),
          what: 'done',
          bytes: event.size,
          ms: 0,
          retransmissions: event.retransmissions,
        };
      return {
        ...tftp(event),
        ...counted(event),
        what: 'ended',
        blksize: event.blksize,
        trouble: { kind: 'timeout', bytes: event.bytes },
      };
    case 'tftp.cancelled':
      return {
        ...tftp(event),
        what: 'ended',
        bytes: event.bytes,
        size: event.size,
        trouble: { kind: 'cancelled', reason: event.reason },
      };
    case 'tftp.unanswered':
      return { ...tftp(event), what: 'ended', bytes: 0, trouble: { kind: 'timeout', bytes: 0 } };
    case 'tftp.failed':
      return { ...tftp(event), what: 'ended', bytes: 0, trouble: { kind: 'broken', reason: event.problem } };
    case 'tftp.not-found':
      return failed('tftp', event.file, { kind: 'missing', nearest: event.nearest });
    case 'tftp.refused':
      return event.file === undefined
        ? undefined
        : failed('tftp', event.file, { kind: 'refused', reason: event.problem });
    case 'http.script':
      return { ...http({ ...event, transfer: SCRIPT }), what: 'done', bytes: event.bytes, ms: 0 };
    case 'http.asset.start':
      return { ...http(event), what: 'start', size: event.size };
    case 'http.asset.progress': {
      const whole = event.range ? {} : { size: event.wanted };
      return { ...http(event), ...whole, what: 'progress', bytes: event.bytes };
    }
    case 'http.asset.done':
      return { ...http(event), what: 'done', bytes: event.bytes, ms: event.milliseconds };
    case 'http.asset.aborted': {
      const trouble: Trouble =
        event.reason === undefined
          ? { kind: 'aborted', reason: 'it closed the connection' }
          : { kind: event.reason === SERVICE_STOPPED ? 'cancelled' : 'broken', reason: event.reason };
      return { ...http(event), what: 'ended', bytes: event.bytes, size: event.wanted, trouble };
    }
    case 'http.not-found':
      return failed('http', event.name, { kind: 'missing', nearest: event.nearest });
    case 'http.refused':
    case 'http.failed': {
      const file = pathOf(event.request);
      const status = event.kind === 'http.refused' ? { status: event.status } : {};
      return file === undefined
        ? undefined
        : failed('http', file, { kind: 'refused', reason: event.reason, ...status });
    }
    default:
      return undefined;
  }
}

function tftp({ file, transfer }: { file: string; transfer: number }) {
  return { service: 'tftp', file: plainName(file), transfer, ranged: false } as const;
}

function http({ name, transfer, range }: { name: string; transfer: number; range?: unknown }) {
  return { service: 'http', file: plainName(name), transfer, ranged: range !== undefined } as const;
}

function counted({ bytes, size, retransmissions }: { bytes: number; size: number; retransmissions: number }) {
  return { bytes, size, retransmissions };
}

function failed(service: 'tftp' | 'http', file: string, trouble: Trouble): FileNews {
  return { service, file: plainName(file), ranged: false, what: 'ended', bytes: 0, trouble };
}

/** "GET /vmlinuz" → "vmlinuz" */
function pathOf(request: string): string | undefined {
  const path = /^GET (\/[^?#\s]*)/.exec(request)?.[1];
  if (path === undefined) return undefined;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
