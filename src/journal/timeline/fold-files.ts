import type { Event } from '../event.ts';
import { isOptional } from '../optional-files.ts';
import type { Boot } from './boot.ts';
import type { FileNews } from './file-news.ts';
import { isScript, stageOf } from './file-stage.ts';
import { type FileRecord, newFile, tell } from './files.ts';
import { loadedAll } from './loaded.ts';

/** A boot of more files is a strange one; further ones are steps only. */
const MOST_FILES = 48;

/** UEFI asks for an address of its own beside its PXE client, and goes on at once. */
const GOES_ON_WITHIN_MS = 10_000;

/** Takes in what is told of a file. @returns the file; undefined where it is none of the boot's. */
export function foldFile(boot: Boot, news: FileNews, event: Event, at: number): FileRecord | undefined {
  const known = boot.files.find(({ file, service }) => file === news.file && service === news.service);
  if (!known && isNoMatter(boot, news)) return undefined;
  const file = known ?? newFile(news, stageOf(boot, news.file), at);
  if (boot.system) {
    if (known && belongs(known, news)) return update(boot, known, news, event, at);
    // What a system fetches is its own affair. A firmware that goes on with its boot had none yet: it asked for an address of its own.
    if (loadedAll(boot) || at - boot.system.at > GOES_ON_WITHIN_MS) return undefined;
    delete boot.system;
  }
  if (!known) {
    if (boot.files.length >= MOST_FILES) return undefined;
    boot.files.push(file);
  }
  return update(boot, file, news, event, at);
}

function update(boot: Boot, file: FileRecord, news: FileNews, event: Event, at: number): FileRecord {
  tell(file, news, at);
  if (file.state === 'done' && isScript(file.file)) readScript(boot, event, at);
  return file;
}

/** A file that is looked for and need not be there: its absence says nothing. A Raspberry Pi needs but a few of what it asks for. */
function isNoMatter({ firmware, files }: Boot, news: FileNews): boolean {
  const missing = news.what === 'ended' && news.trouble.kind === 'missing';
  const isPi = firmware === 'raspberry-pi' && files.some(({ state }) => state === 'done');
  return missing && (isPi || isOptional(news.file));
}

/** News of a transfer that was running when the system asked. */
function belongs({ parts }: FileRecord, news: FileNews): boolean {
  return news.what !== 'start' && news.transfer !== undefined && parts.has(news.transfer);
}

function readScript(boot: Boot, event: Event, at: number): void {
  const told = event.kind === 'http.script' ? event : undefined;
  boot.script = {
    at,
    waits:
      told?.made === 'edited' ? false : (told?.waits ?? boot.around.choice?.kind === 'http.choice.missing'),
    edited: told?.made === 'edited',
  };
}
