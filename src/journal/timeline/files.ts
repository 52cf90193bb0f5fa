import type { FileNews, Trouble } from './file-news.ts';
import type { StageName } from './model.ts';

/**
 * One file on its way to a machine, however many transfers it took: firmware asks for the size first, iPXE tries again, HTTP clients ask for
 * parts. Sizes are bytes, times milliseconds since 1970.
 */
export interface FileRecord {
  readonly service: 'tftp' | 'http';
  readonly file: string;
  stage: StageName;
  state: 'asked' | 'running' | 'done' | 'failed' | 'unknown';
  size?: number;
  /** When it was first asked for. */
  begun: number;
  /** When the transfer began that counts. */
  from: number;
  /** The last news of it. */
  seen: number;
  to?: number;
  /** Of transfers that are over: parts of the file. */
  gathered: number;
  /** Transfers under way, by their numbers, with the bytes that were taken. */
  readonly parts: Map<number, number>;
  /** How often it was begun from its start. */
  tries: number;
  retransmissions: number;
  blksize?: number;
  /** Why it failed, and since when it fails; kept while it is tried again. */
  trouble?: Trouble;
  failing?: number;
}

/** A machine that opens more at once is none. */
const MOST_PARTS = 64;

export function newFile(news: FileNews, stage: StageName, at: number): FileRecord {
  const { service, file } = news;
  return {
    service,
    file,
    stage,
    state: 'asked',
    begun: at,
    from: at,
    seen: at,
    gathered: 0,
    parts: new Map(),
    tries: 0,
    retransmissions: 0,
  };
}

/** Bytes that have arrived, of all its transfers. */
export function bytesOf({ gathered, parts, size }: FileRecord): number {
  const all = [...parts.values()].reduce((sum, bytes) => sum + bytes, gathered);
  return Math.min(all, size ?? all);
}

/** Takes in what is told of a file. News of a transfer whose start was not heard of counts as its start. */
export function tell(file: FileRecord, news: FileNews, at: number): void {
  file.seen = Math.max(file.seen, at);
  file.begun = Math.min(file.begun, at);
  switch (news.what) {
    case 'start':
      start(file, news, at);
      break;
    case 'progress':
      moved(file, news, at);
      break;
    case 'done':
      done(file, news, at);
      break;
    case 'probe':
      file.parts.delete(news.transfer);
      if (file.parts.size === 0 && file.state === 'running') file.state = 'asked';
      break;
    case 'ended':
      ended(file, news, at);
      break;
  }
}

function start(file: FileRecord, news: FileNews & { what: 'start' }, at: number): void {
  // The same number in a later run of the service is another transfer.
  if (file.parts.has(news.transfer) && file.state !== 'unknown') return;
  if (!news.ranged || file.tries === 0) file.tries += 1;
  if (!news.ranged) {
    file.parts.clear();
    file.gathered = 0;
    file.from = at;
  }
  file.size = news.size;
  if (news.blksize !== undefined) file.blksize = news.blksize;
  open(file, news.transfer, 0);
}

function moved(file: FileRecord, news: FileNews & { what: 'progress' }, at: number): void {
  file.retransmissions = news.retransmissions ?? file.retransmissions;
  const before = file.parts.get(news.transfer);
  if (before !== undefined) {
    file.parts.set(news.transfer, Math.max(before, news.bytes));
    if (file.state === 'unknown') file.state = 'running';
    return;
  }
  // One that is over does not move any more: a late word of it.
  if (file.state === 'done' || file.state === 'failed') return;
  if (file.tries === 0) file.from = at;
  file.tries = Math.max(file.tries, 1);
  if (news.size !== undefined) file.size = Math.max(file.size ?? 0, news.size);
  open(file, news.transfer, news.bytes);
}

function open(file: FileRecord, transfer: number, bytes: number): void {
  if (file.parts.size >= MOST_PARTS) file.parts.delete(file.parts.keys().next().value!);
  file.parts.set(transfer, bytes);
  file.state = 'running';
  delete file.to;
}

function done(file: FileRecord, news: FileNews & { what: 'done' }, at: number): void {
  const known = file.parts.delete(news.transfer);
  if (!known && file.tries === 0) file.from = at - news.ms;
  file.begun = Math.min(file.begun, file.from);
  file.tries = Math.max(file.tries, 1);
  // A whole file says its size; of a part it is not known.
  if (!news.ranged) file.size ??= news.bytes;
  file.gathered = news.ranged ? Math.min(file.gathered + news.bytes, file.size ?? Infinity) : news.bytes;
  file.retransmissions = news.retransmissions ?? file.retransmissions;
  if (file.parts.size > 0) return;
  file.state = 'done';
  file.to = Math.max(at, file.from);
  delete file.trouble;
  delete file.failing;
}

function ended(file: FileRecord, news: FileNews & { what: 'ended' }, at: number): void {
  if (news.transfer !== undefined) file.parts.delete(news.transfer);
  file.gathered = Math.max(
    file.gathered,
    Math.min(file.gathered + news.bytes, news.size ?? file.size ?? news.bytes),
  );
  if (news.size !== undefined && !news.ranged) file.size ??= news.size;
  file.retransmissions = news.retransmissions ?? file.retransmissions;
  if (news.blksize !== undefined) file.blksize = news.blksize;
  if (file.tries === 0) file.tries = 1;
  file.trouble = news.trouble;
  file.failing ??= at;
  if (file.parts.size > 0) return;
  file.state = 'failed';
  file.to = Math.max(at, file.from);
}

/** A service that stops takes so long at most, in milliseconds. */
const STOPPING_MS = 5000;

/**
 * Its service has gone, and nobody saw what became of it: it may have been sent whole. One of http's that stops closes its
 * connections, with what is on its way to machines.
 * @returns whether that changes anything.
 */
export function loseSight(file: FileRecord, at: number): boolean {
  const kind = file.trouble?.kind;
  const wasCut =
    file.state === 'failed' && (kind === 'aborted' || kind === 'cancelled') && at - file.seen <= STOPPING_MS;
  if (file.state !== 'running' && !(wasCut && file.service === 'http')) return false;
  file.state = 'unknown';
  delete file.trouble;
  delete file.failing;
  return true;
}
