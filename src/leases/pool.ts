import type { Ipv4 } from '../protocol/ipv4.ts';

/** The shape of a pool: `count` addresses from `first`, some of them never given out. */
export interface PoolShape {
  readonly first: Ipv4;
  readonly count: number;
  readonly reserved: readonly { readonly address: Ipv4 }[];
}

/**
 * The addresses of a pool that nobody ever had, or had and left for another: given in order, without a scan. A cursor walks
 * the stretch once; addresses that come back queue up.
 */
export class FreeAddresses {
  readonly #first: Ipv4;
  readonly #end: Ipv4;
  readonly #reserved: Set<Ipv4>;
  #cursor: Ipv4;
  readonly #returned = new Set<Ipv4>();

  constructor(shape: PoolShape) {
    this.#first = shape.first;
    this.#end = shape.first + shape.count;
    this.#cursor = shape.first;
    this.#reserved = new Set(
      shape.reserved.map(({ address }) => address).filter((a) => a >= this.#first && a < this.#end),
    );
  }

  get size(): number {
    return this.#end - this.#first - this.#reserved.size;
  }

  /** From now on the address is given to nobody. */
  exclude(address: Ipv4): void {
    if (this.has(address)) this.#reserved.add(address);
    this.#returned.delete(address);
  }

  /** True for an address that may be given out at all. */
  has(address: Ipv4): boolean {
    return address >= this.#first && address < this.#end && !this.#reserved.has(address);
  }

  /** The next address for which `taken` is false. */
  take(taken: (address: Ipv4) => boolean): Ipv4 | undefined {
    while (this.#cursor < this.#end) {
      const address = this.#cursor++;
      if (!this.#reserved.has(address) && !taken(address)) return address;
    }
    for (const address of this.#returned) {
      this.#returned.delete(address);
      if (!taken(address)) return address;
    }
    return undefined;
  }

  /** What {@link take} would answer; nothing is taken. */
  peek(taken: (address: Ipv4) => boolean): Ipv4 | undefined {
    for (let address = this.#cursor; address < this.#end; address++) {
      if (!this.#reserved.has(address) && !taken(address)) return address;
    }
    for (const address of this.#returned) if (!taken(address)) return address;
    return undefined;
  }

  giveBack(address: Ipv4): void {
    if (this.has(address)) this.#returned.add(address);
  }
}
