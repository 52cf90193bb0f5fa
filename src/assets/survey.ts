import { readdir, stat } from 'node:fs/promises';
import { AssetError } from './asset.ts';
import type { Found, Unreadable } from './choose.ts';
import { openJailed } from './jail.ts';
import { HEAD_BYTES, type Recognised, recognise } from './recognise.ts';
import { errnoOf, inWords } from './system-error.ts';
import { type FileVersion, versionOf } from './version.ts';
import { kernelWholeness } from './whole.ts';

/** What is in images/, or why that cannot be told. */
export type Survey =
  | {
      readonly readable: true;
      readonly found: readonly Surveyed[];
      readonly unreadable: readonly Unreadable[];
    }
  | { readonly readable: false; readonly reason: string };

export interface Surveyed extends Found {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

export interface SurveyOptions {
  readonly folder: string;
  /** Names that are no boot content. */
  readonly ignored?: readonly string[];
  /** Names inside folders, which are looked at as well; folders are not searched. */
  readonly also?: readonly string[];
}

interface Known {
  readonly version: FileVersion;
  readonly file: Recognised;
  readonly cutOff: string | undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNASKABLE = /[\\\u0000-\u001f\u007f]/;

/** Looks through images/ again and again; only files that have changed since are opened. */
export class Surveyor {
  readonly #folder: string;
  readonly #ignored: ReadonlySet<string>;
  readonly #also: readonly string[];
  #known = new Map<string, Known>();

  constructor(options: SurveyOptions) {
    this.#folder = options.folder;
    this.#ignored = new Set(options.ignored);
    this.#also = options.also ?? [];
  }

  /** Never rejects. */
  async look(): Promise<Survey> {
    let entries: Buffer[];
    try {
      entries = await readdir(this.#folder, { encoding: 'buffer' });
    } catch (error) {
      return { readable: false, reason: `${this.#folder}: ${inWords(error)}` };
    }
    const known = new Map<string, Known>();
    const unreadable: Unreadable[] = [];
    const names = entries.map((entry) => nameOf(entry, unreadable)).filter((name) => name !== undefined);
    for (const name of new Set([...names.sort(), ...this.#also])) {
      if (name.startsWith('.') || this.#ignored.has(name)) continue;
      try {
        const entry = await this.#entry(name);
        if (entry) known.set(name, entry);
      } catch (error) {
        const why = error instanceof AssetError ? error.message : `${name}: ${inWords(error)}`;
        unreadable.push({ name, why });
      }
    }
    this.#known = known;
    const found = [...known].map(([name, { file, version, cutOff }]) => {
      const { size, modified } = version;
      return { name, file, size, modified, ...(cutOff === undefined ? {} : { cutOff }) };
    });
    return { readable: true, found, unreadable };
  }

  async #entry(name: string): Promise<Known | undefined> {
    const stats = await stat(`${this.#folder}/${name}`, { bigint: true }).catch(absent);
    if (!stats?.isFile()) return undefined;
    if (UNASKABLE.test(name))
      throw new AssetError(
        'forbidden',
        `${JSON.stringify(name)} has a backslash or a control character in its name, so no machine can ask for it: rename it`,
      );
    const known = this.#known.get(name);
    if (known?.version.key === versionOf(stats).key) return known;
    const { handle, version } = (await openJailed({ root: this.#folder, links: 'inside' }, name)).file;
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      const head = buffer.subarray(0, bytesRead);
      const file = recognise(head);
      const whole = file.kind === 'kernel' ? kernelWholeness(head, version.size) : undefined;
      return { version, file, cutOff: whole?.state === 'cut off' ? whole.why : undefined };
    } finally {
      await handle.close();
    }
  }
}

function absent(error: unknown): undefined {
  if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR') throw error;
}

/** A name as URLs and scripts can have it; undefined, and told, where it is none. */
function nameOf(entry: Buffer, unreadable: Unreadable[]): string | undefined {
  const name = entry.toString();
  if (Buffer.from(name).equals(entry)) return name;
  unreadable.push({
    name,
    why: `the name of ${name} is not in UTF-8, so no machine can ask for it: rename it`,
  });
  return undefined;
}
