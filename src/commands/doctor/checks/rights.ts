import { accessSync, constants, statSync } from 'node:fs';
import { errnoOf } from '../../../assets/system-error.ts';
import type { ReportLine } from '../../report.ts';
import { check, type Patient } from '../check.ts';
import { hostFolder, quoted } from '../mending.ts';

export interface RightsFacts {
  readonly name: 'images' | 'state';
  readonly folder: string;
  /** As whom the services run. */
  readonly uid: number;
  /** undefined where the folder is not there. */
  readonly seen: { readonly owner: number; readonly mode: number; readonly isFolder: boolean } | undefined;
  /** The error's name where it may not be written. */
  readonly denied: string | undefined;
  readonly why: string;
}

export const rights = check('rights', 'Rights', gather, (facts) => facts.map(judge));

const WHY = {
  images: 'http makes the boot scripts there and tftp puts loaders there',
  state: 'leases and journals are kept there',
} as const;

function gather({ paths, uid }: Patient): RightsFacts[] {
  return (['images', 'state'] as const).map((name) => {
    const at = paths[name];
    const stats = statSync(at, { throwIfNoEntry: false });
    const seen = stats && { owner: stats.uid, mode: stats.mode & 0o7777, isFolder: stats.isDirectory() };
    return { name, folder: hostFolder(name, at), uid, seen, denied: denial(at), why: WHY[name] };
  });
}

function denial(folder: string): string | undefined {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return errnoOf(error) ?? 'an error';
  }
}

export function judge({ name, folder, uid, seen, denied, why }: RightsFacts): ReportLine {
  const at = quoted(folder);
  if (!seen)
    return {
      state: 'warn',
      what: name,
      detail: `${folder} is not there yet; the services make it when they start, where they may`,
      command: `mkdir -p ${at}`,
    };
  if (!seen.isFolder)
    return {
      state: 'fail',
      what: name,
      detail: `${folder} is a file, not a folder`,
      command: `mv ${at} ${at}.old && mkdir ${at}`,
    };
  if (denied === 'EROFS')
    return {
      state: 'fail',
      what: name,
      detail: `${folder} is mounted read-only; ${why}`,
      remedy: 'take :ro away from it in compose.yaml, or on the host',
      command: `sudo mount -o remount,rw "$(findmnt -no TARGET --target ${at})"`,
    };
  const mode = seen.mode.toString(8).padStart(4, '0');
  if (denied)
    return {
      state: 'fail',
      what: name,
      detail: `user ${uid}, as whom the services run, may not write to ${folder} (mode ${mode}, user ${seen.owner}): ${why}`,
      command: `sudo chown -R ${uid} ${at} && sudo chmod u+rwx ${at}`,
    };
  return { state: 'ok', what: name, detail: `user ${uid} may read and write ${folder}` };
}
