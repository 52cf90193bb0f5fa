import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SCRIPTS = fileURLToPath(new URL('./guest/', import.meta.url));

/** Where the lab keeps what takes long to make, from one run to the next. */
export const CACHE = join(process.env.XDG_CACHE_HOME ?? tmpdir(), 'remoteboot-lab');

/**
 * The folder with the guest's vmlinuz and initrd.img, which prints BOOTLAB-OK with its address and command line.
 * Made on first use, and again when one of the scripts that make it has changed.
 *
 * @throws Error where Debian's packages cannot be fetched.
 */
export function guestSystem(): string {
  const hash = createHash('sha256');
  for (const script of ['make', 'init', 'udhcpc']) hash.update(readFileSync(join(SCRIPTS, script)));
  const folder = join(CACHE, `guest-${hash.digest('hex').slice(0, 12)}`);
  if (!existsSync(join(folder, 'initrd.img')))
    execFileSync(join(SCRIPTS, 'make'), [folder], { stdio: 'pipe' });
  return folder;
}
