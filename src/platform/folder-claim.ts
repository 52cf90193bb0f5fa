import { closeSync, openSync } from 'node:fs';
import { lockExclusively, SystemCallError } from './libc.ts';

/** Two names of one number. */
const HELD: readonly string[] = ['EAGAIN', 'EWOULDBLOCK'];

/**
 * Claims a folder for this process, as long as it lives or until disposed: of several that claim it one gets it. It leaves nothing in the folder,
 * which may be read-only. Where locks are not to be had (a folder that is not there, some network file systems), everybody gets it.
 *
 * @returns undefined where another process has it.
 */
export function claimFolder(folder: string): Disposable | undefined {
  let fd: number;
  try {
    fd = openSync(folder, 'r');
  } catch {
    return { [Symbol.dispose]() {} };
  }
  try {
    lockExclusively(fd);
  } catch (error) {
    if (error instanceof SystemCallError && HELD.includes(error.code)) {
      closeSync(fd);
      return undefined;
    }
  }
  return { [Symbol.dispose]: () => closeSync(fd) };
}
