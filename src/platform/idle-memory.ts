import v8 from 'node:v8';
import vm from 'node:vm';
import { trimMalloc } from './libc-memory.ts';

/** Processor time, in milliseconds, that a service may take in a look's time and still be idle. */
const IDLE_MS = 400;
const LOOK_EVERY_MS = 10_000;
/** Long enough that nobody who measures, and no boot that pauses, meets code that has to be compiled anew. */
const LOOKS_UNTIL_QUIET = 4;

/** Says when a time of work is over: true once for each, after that many looks in which next to nothing was done. Pure. */
export class Lull {
  #used = 0;
  #quiet = 0;
  #worked = true;

  /** `used` is the processor time of the process so far, in milliseconds. */
  look(used: number): boolean {
    const idle = used - this.#used < IDLE_MS;
    this.#used = used;
    this.#quiet = idle ? this.#quiet + 1 : 0;
    if (!idle) this.#worked = true;
    if (!this.#worked || this.#quiet < LOOKS_UNTIL_QUIET) return false;
    this.#worked = false;
    return true;
  }
}

/** Gives back what only starting and working needed, each time that a service has become idle. */
export function giveBackWhenIdle(): void {
  whenIdle(() => process.cpuUsage(), giveBack);
}

/**
 * The same for a worker thread's heap: V8 collects each by itself, and one that may become large only when it has grown to many times what it
 * holds. So it is collected as well when half as much again, and some, has come to it.
 */
export function collectWhenIdle(): void {
  whenIdle(() => process.threadCpuUsage(), collectAll);
  const used = () => v8.getHeapStatistics().used_heap_size;
  let held = used();
  setInterval(() => {
    if (!hasGrown(used(), held)) return;
    collector()({ type: 'major', execution: 'sync' });
    held = used();
  }, LOOK_EVERY_MS).unref();
}

/** Bytes that may come to a small heap before it is worth a collection. */
const LITTLE = 8e6;

/** Whether a heap that held so many bytes after its last collection is due for another. Pure. */
export function hasGrown(used: number, held: number): boolean {
  return used > 1.5 * held + LITTLE;
}

/** `usage` is processor time so far, in microseconds. */
function whenIdle(usage: () => { user: number; system: number }, act: () => void): void {
  const lull = new Lull();
  setInterval(() => {
    const { user, system } = usage();
    if (lull.look((user + system) / 1000)) act();
  }, LOOK_EVERY_MS).unref();
}

/** Takes some 50 ms: garbage and compiled code of the heap, and freed memory of malloc's. */
export function giveBack(): void {
  collectAll();
  trimMalloc();
}

function collectAll(): void {
  collector()({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

type Collect = (how: { type: 'major'; execution: 'sync'; flavor?: 'last-resort' }) => void;
let collect: Collect | undefined;

/** V8's own, which only a flag makes visible. */
function collector(): Collect {
  if (collect) return collect;
  v8.setFlagsFromString('--expose-gc');
  collect = vm.runInNewContext('gc') as Collect;
  v8.setFlagsFromString('--no-expose-gc');
  return collect;
}
