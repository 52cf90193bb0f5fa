/** Headers of a request that decide whether, and of what, the body is sent (RFC 9110 §13, §14); as they came. */
export interface Conditions {
  readonly range?: string | undefined;
  readonly ifRange?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
  readonly cacheControl?: string | undefined;
}

/** What a version of a file is known by. */
export interface Validators {
  /** With its quotes. */
  readonly etag: string;
  /** As in Last-Modified; undefined where there is none. */
  readonly lastModified?: string | undefined;
}

/**
 * True where the client has this very version (RFC 9110 §13.2.2): entity tags are compared weakly, and go before dates. One that reloads
 * by force (Cache-Control: no-cache) gets the body all the same.
 */
export function hasIt(conditions: Conditions, { etag, lastModified }: Validators): boolean {
  const { ifNoneMatch, ifModifiedSince, cacheControl } = conditions;
  if (ifNoneMatch === undefined && ifModifiedSince === undefined) return false;
  if (/(?:^|,)\s*no-cache\s*(?:,|$)/i.test(cacheControl ?? '')) return false;
  if (ifNoneMatch !== undefined) return ifNoneMatch.trim() === '*' || tagsOf(ifNoneMatch).includes(etag);
  // Not "or older": what replaces a file may be of an earlier date.
  return lastModified !== undefined && Date.parse(lastModified) === Date.parse(ifModifiedSince!);
}

/** `W/"a", "b"` → `"a"`, `"b"`. */
function tagsOf(list: string): string[] {
  return list.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
}
