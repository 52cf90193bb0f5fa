import { existsSync, readdirSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import type { ReportLine } from '../../report.ts';
import { check, type Patient } from '../check.ts';
import { hostFolder, quoted } from '../mending.ts';

export interface FolderFacts {
  readonly name: 'images' | 'state';
  /** As the operator knows it. */
  readonly folder: string;
  /** Bytes that are free for an ordinary user. */
  readonly free: number;
  /** Files that can still be made; undefined where the file system does not count them. */
  readonly files: number | undefined;
  /** Bytes below which there is a warning, or a failure, and why that many. */
  readonly warnBelow: number;
  readonly failBelow: number;
  readonly because: string;
  /** The largest files in it, the largest first. */
  readonly largest: readonly { readonly name: string; readonly bytes: number }[];
  /** Databases that could not be read once and were kept for a look. */
  readonly aside: readonly string[];
}

export const disk = check('disk', 'Disk', gather, (facts) => facts.map(judge));

const SERVICES = 3;
/** Five loaders of about a megabyte, and the generated scripts. */
const IMAGES = { failBelow: 8e6, warnBelow: 64e6 } as const;
/** Where a lease cannot be written, its ACK is not sent. */
const STATE_FAIL = 16e6;
const FEWEST_FILES = 32;

async function gather({ paths, settings }: Patient): Promise<FolderFacts[]> {
  const journals = settings.JOURNAL === 'on' ? SERVICES * settings.JOURNAL_SIZE * 1e6 : 0;
  const present = sizes(paths.state).filter(({ name }) => /^journal-\w+\.sqlite(-wal)?$/.test(name));
  const room = Math.max(0, journals - present.reduce((sum, { bytes }) => sum + bytes, 0));
  const wanted = [
    {
      name: 'images',
      path: paths.images,
      ...IMAGES,
      because: 'loaders are fetched to there and scripts are made there',
    },
    {
      name: 'state',
      path: paths.state,
      failBelow: STATE_FAIL,
      warnBelow: STATE_FAIL + room,
      because: `no address is promised that cannot be written down, and the journals may grow to ${sizeText(journals)}`,
    },
  ] as const;
  return Promise.all(
    wanted.map(async ({ name, path: folder, failBelow, warnBelow, because }) => {
      const { bavail, bsize, files, ffree } = await statfs(existing(folder));
      const all = sizes(folder);
      return {
        name,
        folder: hostFolder(name, folder),
        free: bavail * bsize,
        files: files === 0 ? undefined : ffree,
        failBelow,
        warnBelow,
        because,
        largest: all.toSorted((a, b) => b.bytes - a.bytes).slice(0, 3),
        aside: all.map((one) => one.name).filter((file) => /\.set-aside-\d+/.test(file)),
      };
    }),
  );
}

/** A folder that is not there yet will be on the file system of the one above. */
function existing(folder: string): string {
  const above = path.dirname(folder);
  return existsSync(folder) || above === folder ? folder : existing(above);
}

function sizes(folder: string): { name: string; bytes: number }[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      const seen = statSync(path.join(folder, name), { throwIfNoEntry: false });
      return seen?.isFile() ? [{ name, bytes: seen.size }] : [];
    });
  } catch {
    return [];
  }
}

export function judge(facts: FolderFacts): ReportLine {
  const { name, folder, free, files, warnBelow, failBelow, because, largest, aside } = facts;
  const fewFiles = files !== undefined && files < FEWEST_FILES;
  const room = `${sizeText(free)} free${fewFiles ? ` and room for ${files} files (inodes)` : ''} in ${folder}`;
  const state = free < failBelow || fewFiles ? 'fail' : free < warnBelow ? 'warn' : 'ok';
  if (state === 'ok') return { state, what: name, detail: room };
  const limit = free < failBelow ? failBelow : warnBelow;
  const biggest = largest.map((file) => `${file.name} (${sizeText(file.bytes)})`).join(', ');
  const detail = `${room}; it takes ${sizeText(limit)}: ${because}`;
  if (aside.length > 0) {
    const old = aside.map((file) => quoted(path.join(folder, file))).join(' ');
    return {
      state,
      what: name,
      detail,
      remedy: 'databases that were set aside once take room',
      command: `sudo rm ${old}`,
    };
  }
  return {
    state,
    what: name,
    detail,
    remedy: `free some on that file system${biggest ? `; the largest here: ${biggest}` : ''}`,
    command: `sudo du -xah ${quoted(folder)} | sort -h | tail`,
  };
}

/** "81 GB", "14 MB", "1.1 MB", "74 kB" */
export function sizeText(bytes: number): string {
  if (bytes >= 1e10) return `${(bytes / 1e9).toFixed(0)} GB`;
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
