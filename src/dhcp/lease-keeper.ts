import type { Sink } from '../journal/event.ts';
import type { Lease, LeaseChange, LeaseStore } from '../leases/lease.ts';
import type { Dating } from '../leases/redate.ts';
import type { SteadyClock } from '../platform/steady-clock.ts';
import { type Trouble, troubleOf } from '../platform/storage-trouble.ts';
import type { Ipv4 } from '../protocol/ipv4.ts';

/** A store whose leases carry the date, which may be set. */
export interface DatedStore extends LeaseStore {
  shift(seconds: number, now: Dating): Promise<void>;
  /** What is on disk of these addresses. */
  read(addresses: readonly Ipv4[]): Promise<readonly Lease[]>;
}

export interface KeeperOptions {
  readonly store: DatedStore;
  /** Of the store, for people. */
  readonly file: string;
  readonly clock: SteadyClock;
  readonly boot: string;
  /** Seconds that addresses are promised for at most. */
  readonly longest: number;
  readonly sink: Sink;
  /** All that is to be in the store. */
  readonly leases: () => Iterable<Lease>;
  /** What is to be in the store of that address. */
  readonly leaseAt: (address: Ipv4) => Lease | undefined;
}

const TICK_MS = 1000;
/** As long as the store fails it is tried again so often. */
const AGAIN_MS = 2000;
const CHUNK = 5000;

/**
 * Keeps the store as the books are: what it refused is saved as soon as it can be, all of it where the store was lost, and under the date of the
 * wall clock, while the books count steadily.
 */
export class LeaseKeeper implements Pick<LeaseStore, 'save'> {
  readonly #options: KeeperOptions;
  /** Seconds by which the times in the store are ahead of those in the books. */
  #ahead = 0;
  /** Addresses whose leases in the store may not be as they should. */
  readonly #behind = new Set<Ipv4>();
  #allBehind = false;
  #outage: { readonly trouble: Trouble; readonly since: number; tried: number } | undefined;
  #work: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.tick(), TICK_MS).unref();
  }

  /** On disk when it resolves, in order. @throws Error where it could not be stored; it is tried again, for nobody waits for it then. */
  async save(changes: readonly LeaseChange[]): Promise<void> {
    try {
      await this.#options.store.save(this.#ahead === 0 ? changes : changes.map((one) => this.#dated(one)));
    } catch (error) {
      for (const change of changes) this.#behind.add(addressOf(change));
      this.failed(troubleOf(error));
      throw error;
    }
  }

  /** What is on disk of these addresses though nothing can be saved, in the time of the books. Never rejects. */
  async standing(addresses: readonly Ipv4[]): Promise<readonly Lease[]> {
    try {
      const leases = await this.#options.store.read(addresses);
      return leases.map((lease) => ({ ...lease, expires: lease.expires - this.#ahead }));
    } catch {
      return [];
    }
  }

  /** Why nothing can be stored at present. */
  get trouble(): Trouble | undefined {
    return this.#outage?.trouble;
  }

  /** In words; empty where what is promised is stored. */
  problems(): readonly string[] {
    if (!this.#outage) return [];
    const { reason, remedy } = this.#outage.trouble;
    return [`leases cannot be stored in ${this.#options.file}: ${reason}. ${remedy}`];
  }

  /** The store is another than it was: nothing of what it should hold is in it. */
  begunAnew(): void {
    this.#allBehind = true;
    this.#options.sink({ kind: 'dhcp.leases-begun-anew', file: this.#options.file });
    queueMicrotask(() => this.tick());
  }

  /** The store cannot be written, and what it holds may not be as it should. */
  unwritable(trouble: Trouble): void {
    this.#allBehind = true;
    this.failed(trouble);
  }

  failed(trouble: Trouble): void {
    const tried = this.#options.clock.monotonic();
    this.#outage = { trouble, since: this.#outage?.since ?? tried, tried };
  }

  /** Does what has to be done by now, if nothing is under way. */
  tick(): void {
    if (this.#work) return;
    this.#work = this.#catchUp().finally(() => {
      this.#work = undefined;
    });
  }

  /** Ends the looking, and waits for what is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#work;
  }

  /** Never rejects. */
  async #catchUp(): Promise<void> {
    const { clock } = this.#options;
    if (this.#outage && clock.monotonic() - this.#outage.tried < AGAIN_MS) return;
    try {
      await this.#followClock();
      if (this.#allBehind) await this.#saveAll();
      while (this.#behind.size > 0) await this.#saveSome();
      if (this.#outage) this.#mended(this.#outage);
    } catch (error) {
      this.failed(troubleOf(error));
    }
  }

  async #followClock(): Promise<void> {
    const { store, clock, boot, longest, sink } = this.#options;
    const seconds = clock.set - this.#ahead;
    if (Math.abs(seconds) <= 1) return;
    const before = this.#ahead;
    this.#ahead += seconds;
    try {
      // What is saved from this call on comes behind it.
      await store.shift(seconds, { now: clock.now() + this.#ahead, uptime: clock.uptime(), boot, longest });
    } catch (error) {
      this.#ahead = before;
      this.#allBehind = true;
      throw error;
    }
    sink({ kind: 'dhcp.clock-set', seconds });
  }

  async #saveAll(): Promise<void> {
    this.#allBehind = false;
    try {
      let chunk: LeaseChange[] = [];
      for (const lease of this.#options.leases()) {
        chunk.push({ kind: 'put', lease });
        if (chunk.length < CHUNK) continue;
        await this.save(chunk);
        chunk = [];
      }
      await this.save(chunk);
    } catch (error) {
      this.#allBehind = true;
      throw error;
    }
  }

  async #saveSome(): Promise<void> {
    const addresses = [...this.#behind].slice(0, CHUNK);
    for (const address of addresses) this.#behind.delete(address);
    const changes = addresses.map((address): LeaseChange => {
      const lease = this.#options.leaseAt(address);
      return lease ? { kind: 'put', lease } : { kind: 'remove', address };
    });
    await this.save(changes);
  }

  #mended({ since }: { readonly since: number }): void {
    const { sink, file, clock } = this.#options;
    this.#outage = undefined;
    sink({ kind: 'dhcp.store-mended', file, seconds: Math.round((clock.monotonic() - since) / 1000) });
  }

  #dated(change: LeaseChange): LeaseChange {
    if (change.kind === 'remove') return change;
    const { lease } = change;
    return { kind: 'put', lease: { ...lease, expires: lease.expires + this.#ahead } };
  }
}

function addressOf(change: LeaseChange): Ipv4 {
  return change.kind === 'put' ? change.lease.address : change.address;
}
