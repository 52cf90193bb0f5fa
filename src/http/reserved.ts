/** First parts of paths that are for people and probes; these names are taken from images/. */
const RESERVED: ReadonlySet<string> = new Set(['', 'api', 'events', 'metrics', 'page', 'healthz']);

/** True where a path may be another one than a machine's file: the app alone says what is answered there. */
export function isReserved(path: string): boolean {
  const end = path.indexOf('/', 1);
  const first = path.slice(1, end < 0 ? undefined : end);
  return RESERVED.has(first) || RESERVED.has(first.toLowerCase());
}
