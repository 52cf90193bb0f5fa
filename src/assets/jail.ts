import { constants } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { AssetError } from './asset.ts';
import { doorOf, HeldFile, placeOf } from './held-file.ts';
import { assetError, errnoOf } from './system-error.ts';
import { type Stamp, versionOf } from './version.ts';

/** A folder whose regular files may be read by anybody, and nothing else of the machine. */
export interface Jail {
  readonly root: string;
  /** 'inside': symbolic links must not lead out; 'anywhere': the folder is trusted, as a package's own is. */
  readonly links: 'inside' | 'anywhere';
}

export interface Opened {
  readonly name: string;
  readonly file: HeldFile;
}

/** Names a file and opens nothing (Linux: include/uapi/asm-generic/fcntl.h); Node has no name for it. */
const O_PATH = 0o10000000;
const TO_READ = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * What a client sent → a name relative to the root: no leading slashes, `/` for `\`, no `.` segments.
 *
 * @throws AssetError 'forbidden' for `..`, hidden files, NUL and control characters; 'not-found' for an empty name.
 */
export function jailedName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(name)) throw refused(name, 'it has a control character in it');
  const parts = name.replaceAll('\\', '/').replace(/^\/+/, '').split('/');
  const folder = parts.at(-1) === '';
  const kept = parts.filter((part) => part !== '' && part !== '.');
  if (kept.includes('..')) throw refused(name, 'it leads out of the folder');
  if (kept.some((part) => part.startsWith('.'))) throw refused(name, 'hidden files are never served');
  if (kept.length === 0) throw new AssetError('not-found', 'the name is empty');
  return kept.join('/') + (folder ? '/' : '');
}

function refused(name: string, why: string): AssetError {
  return new AssetError('forbidden', `${JSON.stringify(name)} is refused: ${why}`);
}

/**
 * Opens a file by the name that a client sent. First it is only taken hold of, then looked at, and then that very file is opened: nothing
 * can be exchanged between check and use, and no device or FIFO that a link leads to is ever opened.
 *
 * @throws AssetError
 */
export async function openJailed(jail: Jail, requested: string): Promise<Opened> {
  const name = jailedName(requested);
  const path = `${jail.root}/${name}`;
  try {
    await using held = await open(path, O_PATH);
    const [stats, place, home] = await Promise.all([held.stat(), placeOf(held), realpath(jail.root)]);
    if (jail.links === 'inside') checkInside(jail.root, home, place, path);
    if (!stats.isFile()) throw new AssetError('not-a-file', `${path} is not a regular file`);
    const handle = await open(doorOf(held), TO_READ);
    const version = await settledVersion(handle, path).catch(async (error: unknown) => {
      await handle.close();
      throw error;
    });
    return { name, file: new HeldFile(handle, place, version) };
  } catch (error) {
    throw errnoOf(error) === 'EACCES' ? await denied(jail, name, error) : assetError(path, error);
  }
}

/** Copies of /boot's kernels are often readable for root alone (0600), and services do not run as root. */
async function denied({ root }: Jail, name: string, error: unknown): Promise<AssetError> {
  const path = `${root}/${name}`;
  const seen = await stat(path).catch(() => undefined);
  if (!seen) return assetError(path, error);
  const mode = (seen.mode & 0o7777).toString(8).padStart(4, '0');
  return new AssetError(
    'unreadable',
    `${path} may not be read by this service, which runs as user ${process.geteuid?.()}: ` +
      `it has mode ${mode} and belongs to user ${seen.uid}. On the host: chmod a+r ${basename(root)}/${name}`,
    { cause: error },
  );
}

/** @param home the folder's own path, and `real` the file's; @param path what it was asked for as, for messages. */
function checkInside(root: string, home: string, real: string, path: string): void {
  const inside = home === '/' ? real : real.slice(home.length);
  if ((home !== '/' && !real.startsWith(home)) || !inside.startsWith('/')) {
    throw new AssetError(
      'forbidden',
      `${path} is a link to ${real}, outside ${root}: put the file itself there`,
    );
  }
  if (inside.includes('/.')) throw new AssetError('forbidden', `${path} is a link to a hidden file`);
}

/** Kernels stamp writes with a clock that ticks every 1–10 ms: within one tick two contents can have one stamp. */
const TICK_MS = 20;
const PATIENCE = 5;

/** The version, taken when the file has been left alone for longer than its time stamp's tick. */
async function settledVersion(handle: FileHandle, path: string): Promise<Stamp> {
  for (let attempt = 0; attempt < PATIENCE; attempt++) {
    const version = versionOf(await handle.stat({ bigint: true }));
    if (!isYoung(version.modified) && !isYoung(version.changed)) return version;
    await wait(TICK_MS);
  }
  throw new AssetError('unreadable', `${path} is being written at this moment: try again when that is done`);
}

/** A stamp from the future says nothing about age. */
function isYoung(stamp: number): boolean {
  const age = Date.now() - stamp;
  return age >= 0 && age < TICK_MS;
}
