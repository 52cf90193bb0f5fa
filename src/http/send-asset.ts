import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { AssetError } from '../assets/asset.ts';
import type { FileAsset } from '../assets/shared-file.ts';
import type { Sink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import { contentType } from './content-type.ts';
import { type ByteRange, ifRangeHolds, parseRange } from './range.ts';

/** Bytes handed to the socket at once; the cache's block size, so that chunks are whole blocks. */
const CHUNK = 256 * 1024;

export interface Observers {
  readonly sink: Sink;
  readonly clock: Clock;
  /** The next transfer's number. */
  nextTransfer(): number;
}

/** How often a transfer tells how far it is, at most. */
const PROGRESS_MS = 500;

/** Answers GET and HEAD with a file, or a part of it, or "not modified". Resolves when that is over; closes the asset. */
export async function sendAsset(
  request: Request,
  response: Response,
  asset: FileAsset,
  observers: Observers,
): Promise<void> {
  try {
    const etag = `"${asset.version.key}"`;
    const lastModified = new Date(asset.version.modified).toUTCString();
    response.set({
      'Content-Type': contentType(asset.name),
      'Accept-Ranges': 'bytes',
      // Files are exchanged under the same name: caches may keep them, but have to ask each time.
      'Cache-Control': 'no-cache',
      ETag: etag,
      'Last-Modified': lastModified,
    });
    if (request.fresh) {
      response.status(304).end();
      return;
    }
    const partial = request.method === 'GET' && ifRangeHolds(request.get('if-range'), etag, lastModified);
    const range = parseRange(partial ? request.get('range') : undefined, asset.size);
    if (range === 'beyond') {
      const all = `bytes */${asset.size}`;
      response.status(416).set('Content-Range', all).type('text').send('No such range.\n');
      return;
    }
    const part = range === 'all' ? { first: 0, last: asset.size - 1 } : range;
    response.set('Content-Length', String(part.last - part.first + 1));
    if (range !== 'all') {
      response.status(206).set('Content-Range', `bytes ${part.first}-${part.last}/${asset.size}`);
    }
    if (request.method === 'HEAD') response.end();
    else await transfer(request, response, asset, part, observers);
  } finally {
    asset.close();
  }
}

/** Sends the bytes as fast as the machine takes them, and tells how that went. Never rejects. */
async function transfer(
  request: Request,
  response: Response,
  asset: FileAsset,
  part: ByteRange,
  { sink, clock, nextTransfer }: Observers,
): Promise<void> {
  const wanted = part.last - part.first + 1;
  const about = {
    transfer: nextTransfer(),
    address: request.socket.remoteAddress ?? 'unknown',
    name: asset.name,
    ...(wanted === asset.size ? {} : { range: part }),
  };
  const begun = clock.monotonic();
  const milliseconds = () => Math.round(clock.monotonic() - begun);
  let bytes = 0;
  let toldAt = begun;
  const sent = () => Math.max(0, bytes - response.writableLength);
  sink({ kind: 'http.asset.start', ...about, size: asset.size });
  try {
    // A read that fails destroys the response: the length is promised already, and only a broken connection tells
    // the machine that this is not the whole file.
    await pipeline(
      chunks(asset, part, (length) => {
        bytes += length;
        const now = clock.monotonic();
        if (now - toldAt < PROGRESS_MS) return;
        toldAt = now;
        sink({ kind: 'http.asset.progress', ...about, bytes: sent(), wanted });
      }),
      response,
    );
    sink({ kind: 'http.asset.done', ...about, bytes, milliseconds: milliseconds() });
  } catch (error) {
    const reason = error instanceof AssetError ? error.message : undefined;
    sink({
      kind: 'http.asset.aborted',
      ...about,
      bytes: sent(),
      wanted,
      milliseconds: milliseconds(),
      reason,
    });
  }
}

/**
 * The bytes of a part, cut where blocks end, so that each chunk is a view of one block. The next one is read while
 * the socket takes this one.
 */
async function* chunks(
  asset: FileAsset,
  { first, last }: ByteRange,
  handed: (length: number) => void,
): AsyncGenerator<Uint8Array> {
  const read = (position: number) => {
    const end = Math.min(last + 1, (Math.floor(position / CHUNK) + 1) * CHUNK);
    const chunk = asset.read(position, end - position);
    // It is awaited in its turn; until then, or if the machine hangs up, its failure is nobody's.
    if (chunk instanceof Promise) chunk.catch(() => {});
    return chunk;
  };
  let ahead = first <= last ? read(first) : undefined;
  for (let position = first; ahead !== undefined; ) {
    const chunk = await ahead;
    position += chunk.length;
    ahead = position <= last ? read(position) : undefined;
    handed(chunk.length);
    yield chunk;
  }
}
