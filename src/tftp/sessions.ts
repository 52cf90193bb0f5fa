import type { Session } from './session.ts';
import { type Share, Shares } from './shares.ts';
import { type Peer, peerKey } from './wire.ts';

export interface Capacity {
  /** TFTP_TRANSFERS */
  readonly all: number;
  /** TFTP_TRANSFERS_PER_ADDRESS */
  readonly perAddress: number;
}

/** Room for one more transfer, perhaps in the place of another one; or which limit it is that leaves none. */
export type Room = { readonly inPlaceOf: Session | undefined } | 'in all' | 'per address';

/** How long packets of an ended transfer may still be on their way, in milliseconds. */
const LINGER = 5000;
/** Within so many milliseconds a machine answers what it has asked for: its transfer is not taken for one that nobody wants. */
const ANSWER_TIME = 500;
/** Where all are taken: bytes in a second, over as many milliseconds at least, below which a transfer costs the others more than it is worth. */
const CRAWL = 16_000;
const CRAWLING_FOR = 10_000;
/** Looking for the slowest takes a look at all of them, in milliseconds from one look to the next. */
const LOOK_AGAIN = 200;

/** One machine asks for a few files at once; and a few machines may be switched off while they ask. */
const MANY_OF_ONE = 8;
const MANY = 64;

const ROOM: Room = { inPlaceOf: undefined };

/** The running transfers, by their peer's address and port. */
export class Sessions {
  readonly #capacity: Capacity;
  readonly #running = new Map<number, Session>();
  readonly #shares = new Shares<Session>();
  /** Peers whose transfer has ended, with the time at which that is forgotten; the oldest first. */
  readonly #ended = new Map<number, number>();
  #lookedAt = Number.NEGATIVE_INFINITY;

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

  /**
   * Whether there is room for one more of this peer. Where there is none, a transfer that its peer has left unanswered gives way: the oldest
   * one of the address itself, or of the address that has left most of them. Then, where all are taken, the slowest one of all.
   *
   * @param now in milliseconds.
   */
  room({ address }: Peer, now: number): Room {
    const { all, perAddress } = this.#capacity;
    const own = this.#shares.of(address);
    if (own && own.open >= perAddress) return takeFrom(own, now - ANSWER_TIME) ?? 'per address';
    if (this.#running.size < all) return ROOM;
    const { most } = this.#shares;
    if (!most) return this.#slowest(now) ?? 'in all';
    const holdsLess = (own?.unanswered.size ?? 0) < most.unanswered.size;
    return takeFrom(most, holdsLess ? now : now - ANSWER_TIME) ?? 'in all';
  }

  add(session: Session): void {
    this.#running.set(session.key, session);
    this.#shares.open(session);
  }

  /** Its first reply has been sent. @returns how many of its address await an answer. */
  awaits(session: Session): number {
    if (this.#running.get(session.key) !== session) return 0;
    this.#shares.awaits(session);
    return this.#shares.of(session.peer.address)!.unanswered.size;
  }

  answered(session: Session): void {
    this.#shares.answered(session);
  }

  /** It is left unanswered, and is not the only one: of its address, or of all. */
  isOneOfMany(session: Session): boolean {
    const own = this.#shares.of(session.peer.address)?.unanswered.size ?? 0;
    return own >= MANY_OF_ONE || this.#shares.unanswered >= MANY;
  }

  /** @param now in milliseconds. */
  remove(session: Session, now: number): void {
    if (this.#running.get(session.key) !== session) return;
    this.#running.delete(session.key);
    this.#shares.close(session);
    this.#ended.delete(session.key);
    this.#ended.set(session.key, now + LINGER);
    this.#forget(now);
  }

  /** A transfer with this peer ended a moment ago: stray packets of it are no surprise. */
  justEnded(peer: Peer, now: number): boolean {
    return (this.#ended.get(peerKey(peer)) ?? Number.NEGATIVE_INFINITY) > now;
  }

  #slowest(now: number): Room | undefined {
    if (now - this.#lookedAt < LOOK_AGAIN) return undefined;
    this.#lookedAt = now;
    let slowest: Session | undefined;
    let least = CRAWL;
    for (const session of this.#running.values()) {
      const milliseconds = now - session.startedAt;
      const speed = (session.acknowledged / milliseconds) * 1000;
      if (milliseconds < CRAWLING_FOR || speed >= least) continue;
      least = speed;
      slowest = session;
    }
    return slowest && { inPlaceOf: slowest };
  }

  #forget(now: number): void {
    for (const [key, until] of this.#ended) {
      if (until > now && this.#ended.size <= this.#capacity.all) break;
      this.#ended.delete(key);
    }
  }
}

/** Its oldest unanswered one, if that was begun no later than so. */
function takeFrom({ unanswered }: Share<Session>, latest: number): Room | undefined {
  const oldest: Session | undefined = unanswered.values().next().value;
  return oldest && oldest.startedAt <= latest ? { inPlaceOf: oldest } : undefined;
}
