import type { Ipv4 } from '../protocol/ipv4.ts';

/** Something that an address holds one of several. */
export interface Held {
  readonly peer: { readonly address: Ipv4 };
}

/** What one address holds. */
export interface Share<T> {
  readonly open: number;
  /** Those whose peer has answered nothing yet, the oldest first. */
  readonly unanswered: ReadonlySet<T>;
}

interface OwnShare<T> extends Share<T> {
  open: number;
  readonly unanswered: Set<T>;
}

/**
 * Who holds how many, and who has left most of them unanswered: addresses can be forged, answers to what was sent there cannot as easily.
 * Every call takes the same time however many there are.
 */
export class Shares<T extends Held> {
  readonly #shares = new Map<Ipv4, OwnShare<T>>();
  /** By the number of unanswered ones; of equals the one that has been there for longest comes first. */
  readonly #levels: Set<OwnShare<T>>[] = [];
  #unanswered = 0;

  of(address: Ipv4): Share<T> | undefined {
    return this.#shares.get(address);
  }

  /** The one with the most unanswered ones; undefined where there are none. */
  get most(): Share<T> | undefined {
    return this.#levels.at(-1)?.values().next().value;
  }

  /** Of all addresses together. */
  get unanswered(): number {
    return this.#unanswered;
  }

  open({ peer: { address } }: T): void {
    const share = this.#shares.get(address);
    if (share) share.open += 1;
    else this.#shares.set(address, { open: 1, unanswered: new Set() });
  }

  /** Something was sent, and an answer is awaited. */
  awaits(held: T): void {
    const share = this.#shares.get(held.peer.address);
    if (!share || share.unanswered.has(held)) return;
    this.#leave(share);
    share.unanswered.add(held);
    this.#unanswered += 1;
    this.#enter(share);
  }

  /** The peer has answered. */
  answered(held: T): void {
    const share = this.#shares.get(held.peer.address);
    if (!share?.unanswered.has(held)) return;
    this.#leave(share);
    share.unanswered.delete(held);
    this.#unanswered -= 1;
    this.#enter(share);
  }

  close(held: T): void {
    const { address } = held.peer;
    const share = this.#shares.get(address);
    if (!share) return;
    this.answered(held);
    share.open -= 1;
    if (share.open === 0) this.#shares.delete(address);
  }

  #leave(share: OwnShare<T>): void {
    this.#levels[share.unanswered.size - 1]?.delete(share);
  }

  /** Numbers change by one, so that there is at most one empty level at the top. */
  #enter(share: OwnShare<T>): void {
    const { size } = share.unanswered;
    if (size > 0) {
      this.#levels[size - 1] ??= new Set();
      this.#levels[size - 1]!.add(share);
    }
    while (this.#levels.at(-1)?.size === 0) this.#levels.pop();
  }
}
