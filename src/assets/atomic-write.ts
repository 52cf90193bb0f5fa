import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const SUFFIX = '.remoteboot-part';

/**
 * Writes a file so that readers, and a machine that loses power, see either the old content or the new one, whole.
 * Until then the bytes are in a hidden file beside it.
 *
 * @throws a system error such as EROFS, EACCES, ENOSPC; nothing is left behind.
 */
export async function writeAtomically(path: string, content: Uint8Array | string): Promise<void> {
  const folder = dirname(path);
  const part = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}${SUFFIX}`);
  try {
    const handle = await open(part, 'wx', 0o644);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(folder);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes what a write of that file left behind when its process was killed. Never rejects. */
export async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  const prefix = `.${basename(path)}.`;
  const names = await readdir(folder).catch(() => []);
  const parts = names.filter((name) => name.startsWith(prefix) && name.endsWith(SUFFIX));
  await Promise.all(parts.map((name) => rm(join(folder, name), { force: true }).catch(() => {})));
}
