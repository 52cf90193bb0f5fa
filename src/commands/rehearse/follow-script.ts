import { type Connector, readLine, readLines } from '../../protocol/ipxe/line.ts';
import { Settings } from './script-settings.ts';

/** A file that a script has the machine load; `url` as it is written there, mostly relative to the script's own. */
export interface Fetch {
  readonly as: 'kernel' | 'initrd';
  readonly url: string;
  readonly line: number;
}

/** How far a script could be followed. */
export type ScriptEnd =
  /** It starts what it has loaded. */
  | { readonly kind: 'boot' }
  /** It goes on with another script or program. */
  | { readonly kind: 'chain'; readonly url: string; readonly line: number }
  /** It gives the machine back to its firmware. */
  | { readonly kind: 'exit'; readonly line: number }
  /** What comes next depends on what only a machine, or a person at it, could tell. */
  | { readonly kind: 'lost'; readonly why: string; readonly line: number };

export interface Followed {
  readonly fetches: readonly Fetch[];
  readonly end: ScriptEnd;
  /** What it shows on the machine's screen. */
  readonly shown: readonly string[];
}

const LABEL = /^\s*:\S*/;
/** More commands than a script runs before it boots: one that goes round in circles. */
const MOST_COMMANDS = 10_000;

type Status = 'ok' | 'failed';
type Result = Status | { readonly goto: string } | { readonly end: ScriptEnd };

interface State {
  readonly settings: Settings;
  readonly fetches: Fetch[];
  readonly shown: string[];
}

/**
 * Runs a script as iPXE would where every download succeeds, as far as that can be told without a machine.
 *
 * @param settings what iPXE knows of the machine and of its network: `net0/mac`, `platform`.
 */
export function followScript(script: string, settings: ReadonlyMap<string, string>): Followed {
  const lines = readLines(script).filter(({ text }, index) => index > 0 || !text.startsWith('#!'));
  const state: State = { settings: new Settings(settings), fetches: [], shown: [] };
  let commands = 0;
  for (let at = 0; at < lines.length; at++) {
    const { number, text } = lines[at]!;
    if (++commands > MOST_COMMANDS) return { ...state, end: lost('it goes round in circles', number) };
    const result = runLine(text.replace(LABEL, ''), number, state);
    if (typeof result === 'object' && 'end' in result) return { ...state, end: result.end };
    if (typeof result === 'object') {
      const label = lines.findIndex((line) => line.text.trim().split(/\s+/)[0] === `:${result.goto}`);
      if (label < 0) return { ...state, end: lost(`it has no label :${result.goto}`, number) };
      at = label;
      continue;
    }
    // iPXE ends a script at the first line that fails.
    if (result === 'failed') return { ...state, end: { kind: 'exit', line: number } };
  }
  return { ...state, end: { kind: 'exit', line: lines.at(-1)?.number ?? 1 } };
}

function runLine(text: string, line: number, state: State): Result {
  let status: Status = 'ok';
  let before: Connector | undefined;
  for (const { words, next } of readLine(text)) {
    const runs = before === '||' ? status === 'failed' : before === '&&' ? status === 'ok' : true;
    before = next;
    if (!runs) continue;
    const result = run(words, line, state);
    if (typeof result === 'object') return result;
    status = result;
  }
  return status;
}

function run([name = '', ...raw]: readonly string[], line: number, state: State): Result {
  const unknown = raw.flatMap((word) => state.settings.unknownIn(word));
  const words = raw.map((word) => state.settings.expand(word));
  if (name === '') return 'ok';
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name]! : undefined;
  if (!command) return end(lost(`\`${name}\` cannot be told without a machine`, line));
  if (unknown.length > 0 && !HEEDLESS.has(name))
    return end(lost(`\${${unknown[0]}} is known to the machine alone`, line));
  return command(words, line, state);
}

type Command = (words: readonly string[], line: number, state: State) => Result;

/** What they are told changes nothing of what follows. */
const HEEDLESS: ReadonlySet<string> = new Set(['echo', 'set', 'clear']);

const done: Command = () => 'ok';
const asks: Command = (_, line) => end(lost('it asks whoever stands before the machine', line));

const kernel: Command = (words, line, { fetches }) => {
  const [url] = plain(words, ['--name', '-n', '--timeout', '-t']);
  // Selecting or starting an image again fetches nothing.
  if (url !== undefined) fetches.push({ as: 'kernel', url, line });
  return 'ok';
};

const initrd: Command = (words, line, { fetches }) => {
  const [url] = plain(words, ['--name', '-n', '--timeout', '-t']);
  if (url !== undefined) fetches.push({ as: 'initrd', url, line });
  return 'ok';
};

const chain: Command = (words, line) => {
  const [url] = plain(words, ['--name', '-n', '--timeout', '-t']);
  return end(url === undefined ? { kind: 'boot' } : { kind: 'chain', url, line });
};

const COMMANDS: Readonly<Record<string, Command>> = {
  kernel,
  imgselect: kernel,
  imgload: kernel,
  initrd,
  module: initrd,
  imgfetch: initrd,
  chain,
  imgexec: chain,
  boot: chain,
  goto: ([label = '']) => ({ goto: label }),
  exit: (_, line) => end({ kind: 'exit', line }),
  shell: (_, line) => end(lost('it opens the iPXE shell', line)),
  set: ([name = '', ...value], _, { settings }) => settings.set(name, value.join(' ')),
  clear: ([name = ''], _, { settings }) => settings.set(name, ''),
  isset: ([value = '']) => (value === '' ? 'failed' : 'ok'),
  iseq: ([left = '', right = '']) => (left === right ? 'ok' : 'failed'),
  echo: (words, _, { shown }) => {
    shown.push(words.filter((word, at) => at > 0 || word !== '--').join(' '));
    return 'ok';
  },
  ...Object.fromEntries(
    [
      'sleep',
      'imgfree',
      'imgstat',
      'imgargs',
      'dhcp',
      'ifconf',
      'ifopen',
      'ifstat',
      'sync',
      'console',
      'cpair',
      'colour',
    ].map((name) => [name, done]),
  ),
  ...Object.fromEntries(['menu', 'item', 'choose', 'prompt', 'login', 'read'].map((name) => [name, asks])),
};

const end = (end: ScriptEnd) => ({ end });
const lost = (why: string, line: number): ScriptEnd => ({ kind: 'lost', why, line });

/** Arguments that are no options; those named take a value. */
function plain(words: readonly string[], withValue: readonly string[]): string[] {
  const rest: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (rest.length > 0 || !word.startsWith('-')) rest.push(word);
    else if (withValue.includes(word)) at++;
  }
  return rest;
}
