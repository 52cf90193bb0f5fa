import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LAB = fileURLToPath(new URL('./', import.meta.url));

/** Where the lab keeps what takes long to make, from one run to the next. */
export const CACHE = join(process.env.XDG_CACHE_HOME ?? tmpdir(), 'remoteboot-lab');

/** Debian's names. */
export type Architecture = 'amd64' | 'arm64';

/**
 * The folder with the guest's vmlinuz and initrd.img, which prints BOOTLAB-OK with its address and command line.
 *
 * @throws Error where Debian's packages cannot be fetched.
 */
export function guestSystem(architecture: Architecture = 'amd64'): string {
  return made(
    architecture,
    ['guest/make', 'guest/init', 'guest/udhcpc', 'private-apt'],
    'initrd.img',
    architecture,
  );
}

/** Puts the guest's vmlinuz and initrd.img into a folder. @throws Error as guestSystem() does. */
export function addGuestSystem(folder: string): void {
  for (const name of ['initrd.img', 'vmlinuz']) copyFileSync(join(guestSystem(), name), join(folder, name));
}

/** The folder with Debian's shimx64.efi, grubx64.efi and snponly-arm64.efi. @throws Error as guestSystem() does. */
export function extraLoaders(): string {
  return made('loaders', ['guest/loaders', 'private-apt'], 'snponly-arm64.efi');
}

/** Runs the first of the scripts on first use, and again when one of them has changed; `last` is the file it writes last. */
function made(name: string, scripts: readonly string[], last: string, ...args: readonly string[]): string {
  const hash = createHash('sha256');
  for (const script of scripts) hash.update(readFileSync(join(LAB, script)));
  const folder = join(CACHE, `${name}-${hash.digest('hex').slice(0, 12)}`);
  if (!existsSync(join(folder, last)))
    execFileSync(join(LAB, scripts[0]!), [folder, ...args], { stdio: 'pipe' });
  return folder;
}
