import type { Ipv4 } from '../protocol/ipv4.ts';
import type { Session } from './session.ts';
import { type Peer, peerKey } from './wire.ts';

export interface Capacity {
  readonly all: number;
  readonly perAddress: number;
}

/** How long packets of an ended transfer may still be on their way, in milliseconds. */
const LINGER = 5000;

/** The running transfers, by their peer's address and port. */
export class Sessions {
  readonly #capacity: Capacity;
  readonly #running = new Map<number, Session>();
  readonly #perAddress = new Map<Ipv4, number>();
  /** Peers whose transfer has ended, with the time at which that is forgotten; the oldest first. */
  readonly #ended = new Map<number, number>();

  constructor(capacity: Capacity) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#running.size;
  }

  get(peer: Peer): Session | undefined {
    return this.#running.get(peerKey(peer));
  }

  all(): Session[] {
    return [...this.#running.values()];
  }

  /** Why there is no room for one more of this peer; undefined where there is. */
  full(peer: Peer): string | undefined {
    const { all, perAddress } = this.#capacity;
    if (this.#running.size >= all) return `busy: all ${all} transfers are taken`;
    const own = this.#perAddress.get(peer.address) ?? 0;
    return own >= perAddress ? `busy: ${own} transfers to this address are running` : undefined;
  }

  add(session: Session): void {
    const { address } = session.peer;
    this.#running.set(session.key, session);
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
  }

  /** @param now in milliseconds. */
  remove(session: Session, now: number): void {
    if (this.#running.get(session.key) !== session) return;
    this.#running.delete(session.key);
    const { address } = session.peer;
    const left = this.#perAddress.get(address)! - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
    this.#ended.delete(session.key);
    this.#ended.set(session.key, now + LINGER);
    this.#forget(now);
  }

  /** A transfer with this peer ended a moment ago: stray packets of it are no surprise. */
  justEnded(peer: Peer, now: number): boolean {
    return (this.#ended.get(peerKey(peer)) ?? Number.NEGATIVE_INFINITY) > now;
  }

  #forget(now: number): void {
    for (const [key, until] of this.#ended) {
      if (until > now && this.#ended.size <= this.#capacity.all) break;
      this.#ended.delete(key);
    }
  }
}
