import { readLine, readLines } from '../protocol/ipxe/line.ts';

/** iPXE's commands that load a file (https://ipxe.org/cmd). */
const LOADING = [
  'kernel',
  'initrd',
  'imgfetch',
  'module',
  'chain',
  'imgexec',
  'imgload',
  'boot',
  'imgselect',
];
/** Options of theirs that take a word. */
const WITH_VALUE = ['--name', '-n', '--timeout', '-t'];

/**
 * Names inside images/ that a script for iPXE loads, with the lines they are in. What depends on the machine (`${…}`), or lies on another
 * server, is left out.
 *
 * @param ours the server's own "host" and "host:port".
 */
export function filesOf(script: string, ours: readonly string[]): { name: string; line: number }[] {
  return readLines(script).flatMap(({ number, text }) =>
    readLine(text).flatMap(({ words }) => {
      const name = nameIn(words, ours);
      return name === undefined ? [] : [{ name, line: number }];
    }),
  );
}

function nameIn([command = '', ...words]: readonly string[], ours: readonly string[]): string | undefined {
  if (!LOADING.includes(command)) return undefined;
  let at = 0;
  while (words[at]?.startsWith('-')) at += WITH_VALUE.includes(words[at]!) ? 2 : 1;
  const uri = words[at];
  if (uri === undefined || uri.includes('${')) return undefined;
  const [, server, path] = /^(?:https?|tftp):\/\/([^/]+)\/(.*)$/.exec(uri) ?? [];
  if (server !== undefined) return ours.includes(server) ? plain(path ?? '') : undefined;
  return /^[a-z][a-z0-9+.-]*:/i.test(uri) ? undefined : plain(uri);
}

function plain(path: string): string | undefined {
  const bare = path.replace(/[?#].*$/, '').replace(/^(\.?\/)+/, '');
  try {
    return decodeURIComponent(bare) || undefined;
  } catch {
    return bare;
  }
}
