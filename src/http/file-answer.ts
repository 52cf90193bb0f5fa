import type { FileAsset } from '../assets/shared-file.ts';
import { type Answer, type Asked, INERT, textAnswer } from './answer.ts';
import { hasIt } from './conditions.ts';
import { contentType } from './content-type.ts';
import { ifRangeHolds, parseRange } from './range.ts';

/** What is answered with a file: all of it, a part of it, or "not modified". The asset stays open only where its bytes are to be sent. */
export function fileAnswer({ method, conditions }: Asked, asset: FileAsset): Answer {
  const answer = decide(method, conditions, asset);
  if (answer.file === undefined) asset.close();
  return answer;
}

function decide(method: Asked['method'], conditions: Asked['conditions'], asset: FileAsset): Answer {
  const etag = `"${asset.version.key}"`;
  const lastModified = new Date(asset.version.modified).toUTCString();
  const validators = {
    'Accept-Ranges': 'bytes',
    // Files are exchanged under the same name: caches may keep them, but have to ask each time.
    'Cache-Control': 'no-cache',
    ETag: etag,
    'Last-Modified': lastModified,
  };
  if (hasIt(conditions, { etag, lastModified })) return { status: 304, headers: validators };
  const partial = method === 'GET' && ifRangeHolds(conditions.ifRange, etag);
  const range = parseRange(partial ? conditions.range : undefined, asset.size);
  if (range === 'beyond') {
    return textAnswer(method, 416, 'No such range.\n', {
      ...validators,
      'Content-Range': `bytes */${asset.size}`,
    });
  }
  const part = range === 'all' ? { first: 0, last: asset.size - 1 } : range;
  const headers = {
    'Content-Type': contentType(asset.name),
    ...INERT,
    ...validators,
    'Content-Length': String(part.last - part.first + 1),
    ...(range === 'all' ? {} : { 'Content-Range': `bytes ${part.first}-${part.last}/${asset.size}` }),
  };
  const file = method === 'HEAD' ? undefined : { asset, part };
  return { status: range === 'all' ? 200 : 206, headers, file };
}
