import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when it has become true. @throws Error where it has not after so many milliseconds. */
export async function within(milliseconds: number, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + milliseconds;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`still not so after ${milliseconds} ms: ${isTrue}`);
    await sleep(20);
  }
}
