import { once } from 'node:events';
import type { Request, Response } from 'express';
import type { FileAsset } from '../assets/shared-file.ts';
import type { Sink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import { type ByteRange, ifRangeHolds, parseRange } from './range.ts';

/** Bytes handed to the socket at once; the cache's block size, so that chunks are whole blocks. */
const CHUNK = 256 * 1024;

const TYPES: readonly [RegExp, string][] = [
  [/\.(ipxe|txt|md|cfg|conf|ks|yaml|yml)$/i, 'text/plain; charset=utf-8'],
  [/\.efi$/i, 'application/efi'],
  [/\.json$/i, 'application/json'],
  [/\.iso$/i, 'application/x-iso9660-image'],
];

/** The Content-Type of a file name; boot files have none but a row of bytes. */
export function contentType(name: string): string {
  return TYPES.find(([pattern]) => pattern.test(name))?.[1] ?? 'application/octet-stream';
}

/** Answers GET and HEAD with a file, or a part of it, or "not modified". Resolves when that is over; closes the asset. */
export async function sendAsset(
  request: Request,
  response: Response,
  asset: FileAsset,
  { sink, clock }: { readonly sink: Sink; readonly clock: Clock },
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
      response
        .status(416)
        .set('Content-Range', `bytes */${asset.size}`)
        .type('text')
        .send('No such range.\n');
      return;
    }
    const { first, last } = range === 'all' ? { first: 0, last: asset.size - 1 } : range;
    if (range !== 'all') response.status(206).set('Content-Range', `bytes ${first}-${last}/${asset.size}`);
    response.set('Content-Length', String(last - first + 1));
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const transfer = {
      address: request.socket.remoteAddress ?? 'unknown',
      name: asset.name,
      ...(range === 'all' ? {} : { range: { first, last } }),
    };
    sink({ kind: 'http.asset.start', ...transfer, size: asset.size });
    const begun = clock.monotonic();
    const { sent, reason } = await stream(response, asset, { first, last });
    const milliseconds = Math.round(clock.monotonic() - begun);
    const wanted = last - first + 1;
    if (sent === wanted && reason === undefined) {
      sink({ kind: 'http.asset.done', ...transfer, bytes: sent, milliseconds });
    } else {
      sink({ kind: 'http.asset.aborted', ...transfer, bytes: sent, wanted, milliseconds, reason });
    }
  } finally {
    asset.close();
  }
}

/** Sends the bytes as fast as the machine takes them. Never rejects; a broken transfer ends its connection. */
async function stream(
  response: Response,
  asset: FileAsset,
  { first, last }: ByteRange,
): Promise<{ sent: number; reason: string | undefined }> {
  let position = first;
  const gone = once(response, 'close').catch(() => {});
  try {
    while (position <= last && !response.destroyed) {
      // Chunks end where blocks do, so that a chunk is a view of one block.
      const end = Math.min(last + 1, (Math.floor(position / CHUNK) + 1) * CHUNK);
      const chunk = await asset.read(position, end - position);
      if (response.destroyed) break;
      position += chunk.length;
      if (!response.write(chunk)) await Promise.race([once(response, 'drain').catch(() => {}), gone]);
    }
    if (!response.destroyed) response.end();
    await gone;
    return {
      sent: response.writableFinished ? position - first : delivered(response, position - first),
      reason: undefined,
    };
  } catch (error) {
    // The length is promised already: only a broken connection tells the machine that this is not the whole file.
    response.destroy();
    return { sent: position - first, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Of an aborted transfer, what had left for the kernel when the machine hung up. */
function delivered(response: Response, written: number): number {
  return Math.max(0, written - response.writableLength);
}
