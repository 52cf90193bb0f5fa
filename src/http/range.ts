/** Bytes from `first` to `last`, both included, as HTTP counts. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * A Range header → the one part that is answered (RFC 9110 §14.1.2); 'all' where there is none, or one that a server
 * may ignore: malformed, several at once, of another unit; 'beyond' where no byte of it is in the file.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | 'all' | 'beyond' {
  const [, from = '', to = ''] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '') ?? [];
  if (from === '' && to === '') return 'all';
  if (from === '') {
    const count = Number(to);
    return count === 0 || size === 0 ? 'beyond' : { first: Math.max(0, size - count), last: size - 1 };
  }
  const first = Number(from);
  if (to !== '' && Number(to) < first) return 'all';
  if (first >= size) return 'beyond';
  return { first, last: to === '' ? size - 1 : Math.min(Number(to), size - 1) };
}

/**
 * True where a part may be sent: there is no If-Range, or it names this very version (RFC 9110 §13.1.5: entity tags are compared strongly).
 * A date never does: two versions can be of one second, and `cp -p` brings a date back.
 */
export function ifRangeHolds(header: string | undefined, etag: string): boolean {
  return header === undefined || header === etag;
}
