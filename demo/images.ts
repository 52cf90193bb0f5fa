import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../src/assets/atomic-write.ts';
import { DEMO_SYSTEM, isOfDemo } from '../src/assets/demo-system.ts';
import { Surveyor } from '../src/assets/survey.ts';

/** Whose kernel the machine is going to boot. */
export type System = { readonly whose: 'user'; readonly kernel: string } | { readonly whose: 'demo' };

/**
 * Puts the demo's kernel and initrd into images/ where there is no kernel but its own, and lets everything else there be.
 *
 * @param kernel KERNEL of .env: the user has chosen
 * @throws Error in words where images/ cannot be read or written.
 */
export async function provideSystem(
  images: string,
  from: string,
  kernel: string | undefined,
): Promise<System> {
  if (kernel !== undefined && !isOfDemo(kernel)) return { whose: 'user', kernel };
  const survey = await new Surveyor({ folder: images }).look();
  if (!survey.readable) throw new Error(`images/ cannot be read: ${survey.reason}`);
  const kernels = survey.found.filter(({ file }) => file.kind === 'kernel');
  // What cannot be read may be one: the machine then shows what http says of it.
  const users = [...kernels, ...survey.unreadable].find(({ name }) => !isOfDemo(name));
  if (users && kernel === undefined) return { whose: 'user', kernel: users.name };
  const present = new Set(survey.found.map(({ name }) => name));
  // Both or none: a kernel loads the drivers in an initrd of its own build alone. The kernel comes last, and makes it bootable.
  if (!Object.values(DEMO_SYSTEM).every((name) => present.has(name))) {
    await put(join(from, 'initrd.img'), join(images, DEMO_SYSTEM.initrd));
    await put(join(from, 'vmlinuz'), join(images, DEMO_SYSTEM.kernel));
  }
  return { whose: 'demo' };
}

async function put(source: string, target: string): Promise<void> {
  try {
    await writeAtomically(target, await readFile(source));
  } catch (error) {
    throw new Error(
      `${target} cannot be written (${(error as Error).message}): let its owner write to images/ on the host, or put a kernel there`,
    );
  }
}
