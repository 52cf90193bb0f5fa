import v8 from 'node:v8';
import vm from 'node:vm';
import { Random } from './random.ts';
import type { Target, Trial } from './target.ts';

/** What no input may cost, and no number of them: seconds and milliseconds of processor time, bytes of memory. */
export const BOUNDS = { inputMs: 250, tenThousandMs: 10_000, growth: 32 << 20 } as const;

/** Inputs between two settlings: what a server receives in one turn and a little more. */
const TOGETHER = 16;
/** Memory is measured from here on: by then all tables that may fill are full. */
const WARM = 50_000;
const MOST_KEPT = 4000;
const HISTORY = 1024;

/** What went wrong, and the inputs that lead there from a new beginning. */
export interface Finding {
  readonly target: string;
  readonly seed: number;
  /** How many inputs had been fed, this one included. */
  readonly count: number;
  readonly problem: string;
  readonly inputs: readonly Uint8Array[];
  /** False where those inputs alone do not show it: it takes the seed and all of the count. */
  readonly repeats: boolean;
}

export interface Report {
  readonly count: number;
  readonly corpus: number;
  readonly cpuMs: number;
  readonly grown: number;
  readonly finding?: Finding;
}

/** Feeds so many inputs that follow from the seed; ends at the first that breaks a property. */
export async function run(target: Target, seed: number, inputs: number): Promise<Report> {
  const random = new Random(seed);
  const trial = await target.begin();
  const end = ending(trial);
  const corpus = [...trial.seeds];
  const seen = new Set<string>();
  const history: Uint8Array[] = [];
  const began = process.cpuUsage();
  const watch = new Watch();
  let warm: number | undefined;
  let count = 0;
  try {
    for (; count < inputs; ) {
      const input = trial.make(random, corpus);
      count += 1;
      if (history.push(input) > 2 * HISTORY) history.splice(0, HISTORY);
      const led = watch.timed(() => trial.feed(input));
      if (!seen.has(led)) {
        seen.add(led);
        if (corpus.length < MOST_KEPT) corpus.push(input);
      }
      if (count % (trial.together ?? TOGETHER) === 0) await trial.settle?.();
      if (count === WARM) warm = heapUsed();
      watch.look(count);
    }
    await trial.settle?.();
    await end();
    const grown = warm === undefined ? 0 : heapUsed() - warm;
    if (grown > BOUNDS.growth) throw new Error(`memory grew by ${grown} bytes over ${count - WARM} inputs`);
    return { count, corpus: corpus.length, cpuMs: since(began), grown };
  } catch (error) {
    const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const found = await shortest(target, history);
    const finding = {
      target: target.name,
      seed,
      count,
      problem,
      inputs: found ?? history,
      repeats: found !== undefined,
    };
    return { count, corpus: corpus.length, cpuMs: since(began), grown: 0, finding };
  } finally {
    watch.end();
    await end().catch(() => undefined);
  }
}

/** Feeds these inputs from a new beginning. @returns what is wrong, if anything. */
export async function replay(target: Target, inputs: readonly Uint8Array[]): Promise<string | undefined> {
  const trial = await target.begin();
  const end = ending(trial);
  const watch = new Watch();
  try {
    for (const [index, input] of inputs.entries()) {
      watch.timed(() => trial.feed(input));
      if ((index + 1) % (trial.together ?? TOGETHER) === 0) await trial.settle?.();
      watch.look(index + 1);
    }
    await trial.settle?.();
    await end();
    watch.look(0);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  } finally {
    watch.end();
    await end().catch(() => undefined);
  }
}

/** Ends a trial once; what is wrong with its end counts as what is wrong before. */
function ending(trial: Trial): () => Promise<void> {
  let ended = false;
  return async () => {
    if (ended) return;
    ended = true;
    await trial.end?.();
  };
}

/** Faults that nobody caught, and processor time. */
class Watch {
  #fault: unknown;
  #faulty = false;
  #block = process.cpuUsage();
  readonly #caught = (error: unknown) => {
    this.#fault ??= error;
    this.#faulty = true;
  };

  constructor() {
    process.on('uncaughtException', this.#caught);
    process.on('unhandledRejection', this.#caught);
  }

  timed<T>(step: () => T): T {
    const from = performance.now();
    const cpu = process.threadCpuUsage();
    const result = step();
    // Most of that may be other processes' time.
    if (performance.now() - from > BOUNDS.inputMs) {
      const { user, system } = process.threadCpuUsage(cpu);
      const ms = (user + system) / 1000;
      if (ms > BOUNDS.inputMs) throw new Error(`one input took ${ms.toFixed()} ms of processor time`);
    }
    return result;
  }

  look(count: number): void {
    if (this.#faulty) throw this.#fault;
    if (count % 10_000 !== 0) return;
    const ms = since(this.#block);
    this.#block = process.cpuUsage();
    if (ms > BOUNDS.tenThousandMs) throw new Error(`10,000 inputs took ${ms.toFixed()} ms of processor time`);
  }

  end(): void {
    process.off('uncaughtException', this.#caught);
    process.off('unhandledRejection', this.#caught);
  }
}

/** The fewest of the last inputs that show the problem from a new beginning; undefined where none do. */
async function shortest(target: Target, history: readonly Uint8Array[]): Promise<Uint8Array[] | undefined> {
  let kept: readonly Uint8Array[] | undefined;
  for (let length = 1; ; length *= 4) {
    const tail = history.slice(-length);
    if (await replay(target, tail)) {
      kept = tail;
      break;
    }
    if (length >= history.length) return undefined;
  }
  for (let piece = kept.length >> 1; piece >= 1; piece >>= 1) {
    for (let at = 0; at < kept.length; ) {
      const without: readonly Uint8Array[] = [...kept.slice(0, at), ...kept.slice(at + piece)];
      if (without.length > 0 && (await replay(target, without))) kept = without;
      else at += piece;
    }
  }
  return [...kept];
}

function since(cpu: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1000;
}

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

function heapUsed(): number {
  collect();
  return process.memoryUsage().heapUsed;
}
