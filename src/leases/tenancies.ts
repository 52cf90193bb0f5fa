import type { Lease } from './lease.ts';

/** Who a lease is made for. */
export interface Tenant {
  readonly key: string;
  readonly mac: string;
  readonly hostName: string;
}

type State = 'offered' | Lease['state'];

const STATES: readonly (State | undefined)[] = [undefined, 'offered', 'bound', 'released', 'declined'];
const CODES: Readonly<Record<State, number>> = { offered: 1, bound: 2, released: 3, declined: 4 };

/**
 * Whose the addresses of a pool are: offered to somebody, or with the lease that is or was on them. An address is told by its place in the
 * pool. Kept in columns: an object for each of a million leases would take twice the memory, and each renewal would leave one behind.
 */
export class Tenancies {
  readonly #first: number;
  readonly #keys: string[];
  readonly #macs: string[];
  readonly #hostNames: string[];
  readonly #states: Uint8Array;
  readonly #expires: Float64Array;
  readonly #byKey = new Map<string, number>();
  #declined = 0;

  constructor(pool: { readonly first: number; readonly count: number }) {
    this.#first = pool.first;
    this.#keys = new Array(pool.count);
    this.#macs = new Array(pool.count);
    this.#hostNames = new Array(pool.count);
    this.#states = new Uint8Array(pool.count);
    this.#expires = new Float64Array(pool.count);
  }

  /** How many are declined. */
  get declined(): number {
    return this.#declined;
  }

  placeOf(key: string): number | undefined {
    return this.#byKey.get(key);
  }

  /** Whose it is: empty for a declined one, undefined where it is nobody's. */
  keyAt(place: number): string | undefined {
    return this.#states[place] ? this.#keys[place] : undefined;
  }

  stateAt(place: number): State | undefined {
    return STATES[this.#states[place] ?? 0];
  }

  leaseAt(place: number): Lease | undefined {
    const state = this.stateAt(place);
    if (state === undefined || state === 'offered') return undefined;
    return {
      address: this.#first + place,
      key: this.#keys[place]!,
      mac: this.#macs[place]!,
      hostName: this.#hostNames[place]!,
      state,
      expires: this.#expires[place]!,
    };
  }

  /** Those at one moment or another while they are gone through: each is as it is when it is its turn. */
  *leases(): Generator<Lease> {
    for (let place = 0; place < this.#states.length; place++) {
      const lease = this.leaseAt(place);
      if (lease) yield lease;
    }
  }

  offer(place: number, key: string): void {
    this.#put(place, key, 'offered');
  }

  /** @param key empty where it is nobody's from now on. */
  lease(place: number, { key, mac, hostName, state, expires }: Omit<Lease, 'address'>): void {
    this.#put(place, key, state);
    // A renewal changes nothing of these: the strings that are there stay, those of the packet need not be kept.
    if (this.#macs[place] !== mac) this.#macs[place] = mac;
    if (this.#hostNames[place] !== hostName) this.#hostNames[place] = hostName;
    this.#expires[place] = expires;
  }

  clear(place: number): void {
    const key = this.#keys[place]!;
    if (this.stateAt(place) === 'declined') this.#declined -= 1;
    if (this.#byKey.get(key) === place) this.#byKey.delete(key);
    this.#states[place] = 0;
    this.#keys[place] = '';
    this.#macs[place] = '';
    this.#hostNames[place] = '';
  }

  #put(place: number, key: string, state: State): void {
    if (this.keyAt(place) !== key) {
      this.#keys[place] = key;
      if (key) this.#byKey.set(key, place);
      if (state === 'declined') this.#declined += 1;
    }
    this.#states[place] = CODES[state];
  }
}
