import { giveBack } from './idle-memory.ts';

/** What keeps a service busy, or would if it leaked; of its main thread alone. */
export interface Resources {
  /** Bytes of V8's heap in use, and of what lies outside of it. */
  readonly heap: number;
  readonly external: number;
  /** What keeps the process alive, by Node's names: { Timeout: 3, UDPWRAP: 1 … }. */
  readonly active: Readonly<Record<string, number>>;
}

/**
 * For long-run measurements: what /proc does not tell of this process. Garbage is collected before: what is told is what is held, not what has
 * not been collected yet. Takes some 50 ms.
 */
export function resourcesInUse(): Resources {
  giveBack();
  const { heapUsed, external } = process.memoryUsage();
  const active: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) active[kind] = (active[kind] ?? 0) + 1;
  return { heap: heapUsed, external, active };
}
