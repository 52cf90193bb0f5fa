import type { Options } from './packet.ts';

/** What one transfer is run by. */
export interface Terms {
  /** Bytes of data in every block but the last. */
  readonly blockSize: number;
  /** Blocks sent before an ACK is awaited. */
  readonly windowSize: number;
  /** Seconds before a retransmission, where the client chose them. */
  readonly timeout: number | undefined;
  /** What the OACK says; empty means that no OACK is sent and the transfer starts with block 1. */
  readonly accepted: Options;
}

export interface Limits {
  /** Largest block that needs no IP fragmentation: see {@link largestBlock}. */
  readonly blockSize: number;
  readonly windowSize: number;
  /** Bytes that may be on their way at once; more would overrun a receiver's socket buffer. */
  readonly windowBytes: number;
}

const DEFAULT_BLOCK_SIZE = 512;
const SMALLEST_BLOCK_SIZE = 8;
const IP_UDP_TFTP_HEADERS = 20 + 8 + 4;

/** The largest block of an adapter with this MTU: 1500 → 1468. Many ROMs cannot put fragments together. */
export function largestBlock(mtu: number): number {
  return Math.min(Math.max(mtu - IP_UDP_TFTP_HEADERS, SMALLEST_BLOCK_SIZE), 65464);
}

/**
 * Requested options + file size in bytes → the terms of the transfer (RFC 2347).
 * An option that was not asked for is never answered, and one that is unknown or has a value outside
 * its RFC's range is left out of the answer, as if it had not been asked for.
 */
export function negotiate(requested: Options, fileSize: number, limits: Limits): Terms {
  const blksize = inRange(requested.get('blksize'), SMALLEST_BLOCK_SIZE, 65464);
  const windowsize = inRange(requested.get('windowsize'), 1, 65535);
  const timeout = inRange(requested.get('timeout'), 1, 255);
  const tsize = inRange(requested.get('tsize'), 0, Number.MAX_SAFE_INTEGER);

  const blockSize = blksize === undefined ? DEFAULT_BLOCK_SIZE : Math.min(blksize, limits.blockSize);
  const fitting = Math.max(1, Math.floor(limits.windowBytes / blockSize));
  const windowSize = Math.min(windowsize ?? 1, limits.windowSize, fitting);

  const answers: Record<string, number | undefined> = {
    blksize: blksize && blockSize,
    windowsize: windowsize && windowSize,
    timeout,
    tsize: tsize === undefined ? undefined : fileSize,
  };
  // In the order of the request: a few ROMs expect it.
  const accepted = [...requested.keys()].flatMap((name): [string, string][] => {
    const answer = Object.hasOwn(answers, name) ? answers[name] : undefined;
    return answer === undefined ? [] : [[name, String(answer)]];
  });
  return { blockSize, windowSize, timeout, accepted: new Map(accepted) };
}

function inRange(value: string | undefined, least: number, most: number): number | undefined {
  if (value === undefined || !/^\d{1,16}$/.test(value)) return undefined;
  const number = Number(value);
  return number >= least && number <= most ? number : undefined;
}
