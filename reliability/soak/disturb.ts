import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../test/fuzz/random.ts';
import type { Appliance } from '../../test/lab/appliance.ts';

const FILES_EVERY_MS = 10_000;
const FLAP_EVERY_MS = 60_000;
const DOWN_MS = 2000;
const EXTRA_BYTES = 300_000;

export interface Disturbed {
  readonly appliance: Appliance;
  /** Contents that the initrd has by turns. */
  readonly initrds: readonly Buffer[];
  readonly extras: readonly string[];
  readonly seed: number;
}

/** Replaces files and pulls cables now and then, until it is aborted. */
export async function disturb(disturbed: Disturbed, stop: AbortSignal): Promise<void> {
  await Promise.all([
    every(FILES_EVERY_MS, stop, fileTurns(disturbed)),
    every(FLAP_EVERY_MS, stop, cableTurns(disturbed.appliance)),
  ]);
}

/** As an operator should: written beside, then renamed. */
export function replaceFile(folder: string, name: string, content: Uint8Array): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.part`, content);
  renameSync(`${path}.part`, path);
}

function fileTurns({ appliance: { images }, initrds, extras, seed }: Disturbed): () => void {
  const random = new Random(seed ^ 0xf11e);
  let turn = 0;
  return () => {
    turn++;
    if (turn % 3 === 0) return replaceFile(images, 'initrd.img', initrds[(turn / 3) % initrds.length]!);
    const name = random.pick(extras);
    if (random.int(2)) replaceFile(images, name, random.bytes(random.int(EXTRA_BYTES)));
    else rmSync(join(images, name), { force: true });
  };
}

/** By turns the cable is pulled, and the adapter set down. */
function cableTurns({ server, switch: neighbour }: Appliance): () => Promise<void> {
  let turn = 0;
  return async () => {
    const [host, adapter] = turn++ % 2 === 0 ? [neighbour, 'p-srv0'] : [server, 'srv0'];
    host.ip('link', 'set', adapter, 'down');
    await sleep(DOWN_MS);
    host.ip('link', 'set', adapter, 'up');
  };
}

async function every(pause: number, stop: AbortSignal, act: () => void | Promise<void>): Promise<void> {
  for (;;) {
    await sleep(pause, undefined, { signal: stop }).catch(() => undefined);
    if (stop.aborted) return;
    await act();
  }
}
