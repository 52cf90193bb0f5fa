import type { Boot } from './boot.ts';
import type { FileRecord } from './files.ts';

export function filesOf({ files }: Boot, stage: FileRecord['stage']): FileRecord[] {
  return files.filter((file) => file.stage === stage);
}

/** A kernel has arrived, and so has all else that was begun: the machine can start it. */
export function loadedAll(boot: Boot): boolean {
  const kernel = filesOf(boot, 'kernel').some(({ state }) => state === 'done');
  return kernel && !filesOf(boot, 'initrd').some(({ state }) => state === 'running' || state === 'failed');
}

/** When the last of kernel and initrds arrived; undefined where not all has. */
export function loadedAt(boot: Boot): number | undefined {
  if (!loadedAll(boot)) return undefined;
  const ends = boot.files
    .filter(({ stage }) => stage === 'kernel' || stage === 'initrd')
    .map(({ to }) => to ?? 0);
  return Math.max(...ends);
}

/** "undionly.kpxe", "vmlinuz": what it went through, for people. */
export function wayOf(boot: Boot): string[] {
  return (['loader', 'kernel'] as const).flatMap(
    (stage) => filesOf(boot, stage).find(({ state }) => state === 'done')?.file ?? [],
  );
}
