import type { Supposed } from '../../boot/explanation.ts';
import { GENERATED } from '../../boot/generated.ts';
import { isUnedited } from '../../boot/script-mark.ts';
import { fileMissing } from '../../journal/diagnosis/telling.ts';
import { formatIpv4 } from '../../protocol/ipv4.ts';
import { type Fetched, fetchFile, Missing, type Source } from './fetch-file.ts';
import { followGrub } from './follow-grub.ts';
import { type Followed, followScript, type ScriptEnd } from './follow-script.ts';
import { IPXE_TFTP } from './kinds.ts';
import { told } from './load-loader.ts';
import { Trouble } from './trouble.ts';
import type { Booting, Passed } from './walk.ts';

/** What tells a loader which files to load. */
export type Config =
  | { readonly kind: 'ipxe'; readonly url: string; readonly supposed: Supposed }
  | { readonly kind: 'grub'; readonly source: Source };

/** What the script has the machine load, in its order. */
export interface Orders extends Passed {
  readonly kernels: readonly Source[];
  readonly initrds: readonly Source[];
}

/** A script that hands on to another, and so on. */
const DEEPEST = 5;

/** The boot script, or GRUB's configuration: fetched, and followed as far as that can be done without a machine. */
export function loadScript(config: Config, booting: Booting): Promise<Orders> {
  return config.kind === 'grub' ? loadGrub(config.source, booting) : loadIpxe(config, booting);
}

async function loadGrub(source: Source, booting: Booting): Promise<Orders> {
  const file = await fetchFile(source, booting, true).catch((error: unknown) => missing(error, booting));
  const fetches = followGrub(file.content.toString());
  const words = await told(file, booting);
  if (fetches.length === 0) throw waiting(words, [...screenOf(file.content.toString())]);
  const sources = (as: string) =>
    fetches.filter((fetch) => fetch.as === as).map(({ url }) => ({ ...ofServer(source, url) }));
  return {
    state: 'ok',
    detail: `${words}, loads ${namesOf(fetches)}`,
    bytes: file.bytes,
    kernels: sources('kernel'),
    initrds: sources('initrd'),
  };
}

/** Text of GRUB's `echo` commands. */
function screenOf(config: string): string[] {
  return [...config.matchAll(/^\s*echo (?:'([^']*)'|(\S+))?$/gm)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  );
}

async function loadIpxe(
  { url: first, supposed }: Extract<Config, { kind: 'ipxe' }>,
  booting: Booting,
): Promise<Orders> {
  let url = first;
  const sources: { kernels: Source[]; initrds: Source[] } = { kernels: [], initrds: [] };
  const said: string[] = [];
  let bytes = 0;
  for (let depth = 0; depth < DEEPEST; depth++) {
    const file = await fetchFile(sourceOf(url), booting, true).catch((error: unknown) =>
      missing(error, booting),
    );
    const text = file.content.toString();
    bytes += file.bytes;
    said.push(`${await told(file, booting)}${editedText(file, text)}`);
    if (!/^#!(ipxe|gpxe)/.test(text)) return { ...(await ended(said, program(file))), ...sources, bytes };
    const { fetches, end, shown } = followScript(text, settingsOf(supposed, url, booting));
    for (const fetch of fetches) sources[`${fetch.as}s`].push(sourceOf(new URL(fetch.url, url).href));
    if (end.kind !== 'chain') {
      if (fetches.length > 0) said.push(`loads ${namesOf(fetches)}`);
      return { ...(await ended(said, end)), ...sources, bytes };
    }
    const on = new URL(end.url, url).href;
    if (on === url || on === first) throw waiting(said.join('; '), shown);
    said.push(`goes on with ${on}`);
    url = on;
  }
  throw new Trouble({ detail: `${said.join('; ')}: scripts that hand on to each other`, remedy: EDITED });
}

const EDITED = 'See what your edition of the boot script does; deleting it has it generated again';

function ended(said: readonly string[], end: ScriptEnd): Passed {
  const detail = said.join(', ');
  switch (end.kind) {
    case 'boot':
    case 'chain':
      return { state: 'ok', detail };
    case 'exit':
      return {
        state: 'warn',
        detail: `${detail}; in line ${end.line} it gives the machine back to its firmware, which goes on with its next way to boot`,
        remedy: EDITED,
      };
    case 'lost':
      return {
        state: 'warn',
        detail: `${detail}; beyond line ${end.line} it cannot be followed: ${end.why}`,
        remedy: 'What comes after that only a machine shows',
      };
  }
}

function program({ name }: Fetched): ScriptEnd {
  return { kind: 'lost', line: 1, why: `${name} is a program, not a script` };
}

function editedText({ name }: Fetched, text: string): string {
  const generated = (GENERATED as readonly string[]).includes(name);
  return generated && !isUnedited(text) ? ' (edited by hand)' : '';
}

/** The script has the machine wait: it says on its screen why, and what to do. */
function waiting(words: string, shown: readonly string[]): Trouble {
  const screen = shown.filter((line) => line !== '');
  const [, reason, remedy] =
    /cannot boot yet\. (.*?)\.? What to do on that server: (.*?)\. This machine looks again/.exec(
      screen.join(' '),
    ) ?? [];
  return new Trouble({
    detail: `${words} tells machines to wait and ask again${reason === undefined ? '' : `: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`}`,
    remedy: remedy === undefined ? EDITED : `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}`,
    ...(screen.length > 0 && remedy === undefined ? { more: screen } : {}),
  });
}

async function missing(error: unknown, { originals }: Booting): Promise<never> {
  if (!(error instanceof Missing)) throw error;
  const { file } = error;
  if ((GENERATED as readonly string[]).includes(file))
    throw new Trouble({
      detail: `the boot script ${file} is not there`,
      remedy: 'See why http could not make it, and that it may write to images/',
      command: 'docker compose logs http',
    });
  const { cause, remedy } = fileMissing({ file, nearest: await originals.nearest(file), edited: true });
  throw new Trouble({ detail: cause, remedy });
}

export function sourceOf(text: string): Source {
  const url = new URL(text);
  if (url.protocol === 'http:') return { by: 'http', url };
  if (url.protocol === 'tftp:') {
    const file = decodeURIComponent(url.pathname.replace(/^\//, ''));
    return { by: 'tftp', server: url.hostname, file, options: IPXE_TFTP };
  }
  throw new Trouble({
    detail: `${text} cannot be loaded in a rehearsal: only http and tftp can`,
    remedy: 'Boot a machine to see whether it can',
  });
}

function ofServer(source: Source, path: string): Source {
  return source.by === 'tftp' ? { ...source, file: path } : { by: 'http', url: new URL(path, source.url) };
}

function namesOf(fetches: Followed['fetches']): string {
  return fetches.map(({ url }) => url).join(', ');
}

/** What iPXE knows of such a machine. */
function settingsOf(
  { mac, architecture }: Supposed,
  url: string,
  { profile }: Booting,
): ReadonlyMap<string, string> {
  const isBios = (architecture ?? 0) === 0;
  return new Map([
    ['mac', mac],
    ['ip', formatIpv4(profile.adapter.address)],
    ['next-server', formatIpv4(profile.addresses.tftp)],
    ['platform', isBios ? 'pcbios' : 'efi'],
    ['buildarch', isBios ? 'i386' : 'x86_64'],
    ['filename', url],
    ['cwuri', url],
  ]);
}
