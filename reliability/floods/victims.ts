import { setTimeout as sleep } from 'node:timers/promises';
import { type Fleet, macOf } from '../../test/lab/fleet/fleet.ts';
import type { Kind, MachinePlan } from '../../test/lab/fleet/plan.ts';

const ALL: readonly Kind[] = ['bios', 'uefi', 'ipxe-rom', 'uefi-http'];
const FLEET = 9;
/** A person has given up by then, whatever the machine does. */
const PATIENCE_S = 30;
const BREATH_MS = 50;
/** So many failures say enough. */
const FAILURES = 2;

export interface Boot {
  readonly booted: boolean;
  /** Seconds until its system has its address, or it gave up. */
  readonly seconds: number;
  readonly why: string;
}

/** Machines that boot one after another, with the pauses of real firmware. */
export class Victims {
  readonly #fleet: Fleet;
  readonly #kinds: readonly Kind[];
  readonly #known: readonly MachinePlan[];
  #made: number;

  /** @param first number of the first machine; others follow. */
  constructor(fleet: Fleet, { first = 0, kinds = ALL }: { first?: number; kinds?: readonly Kind[] } = {}) {
    this.#fleet = fleet;
    this.#kinds = kinds;
    this.#known = kinds.map((kind, n) => this.#plan(first + n, kind));
    this.#made = first + kinds.length;
  }

  /** Boots machines that have booted before, all in turn: at least so many, and for so many seconds. */
  known(atLeast: number, seconds: number): Promise<Boot[]> {
    return this.#boot(atLeast, seconds, (n) => this.#known[n % this.#known.length]!);
  }

  /** Boots so many machines that nobody has seen, all at once. */
  unknown(count: number): Promise<Boot[]> {
    const plans = Array.from({ length: count }, (_, n) =>
      this.#plan(this.#made++, this.#kinds[n % this.#kinds.length]!),
    );
    return Promise.all(plans.map((plan) => this.#one(plan)));
  }

  async #boot(atLeast: number, seconds: number, plan: (n: number) => MachinePlan): Promise<Boot[]> {
    const boots: Boot[] = [];
    const until = performance.now() + seconds * 1000;
    let failures = 0;
    for (let n = 0; (n < atLeast || performance.now() < until) && failures < FAILURES; n++) {
      const boot = await this.#one(plan(n));
      boots.push(boot);
      if (!boot.booted) failures += 1;
      await sleep(BREATH_MS);
    }
    return boots;
  }

  async #one(plan: MachinePlan): Promise<Boot> {
    const begun = Date.now();
    const from = this.#fleet.told.length;
    const ended = this.#fleet.boot([plan], { seconds: PATIENCE_S });
    const [end] = await ended.catch(() => [undefined]);
    if (end) {
      const { booted, at, why, stage } = end;
      return { booted, seconds: (at - begun) / 1000, why: `${plan.kind}, ${stage}: ${why}` };
    }
    const last = this.#fleet.told.slice(from).findLast(({ what }) => what === 'stage');
    const stage = last?.what === 'stage' ? `since ${last.stage}` : 'from the beginning';
    return { booted: false, seconds: PATIENCE_S, why: `${plan.kind}: waits ${stage}` };
  }

  #plan(number: number, kind: Kind): MachinePlan {
    return { mac: macOf(number, FLEET), kind, hostName: `victim-${number}`, patience: 'firmware' };
  }
}
