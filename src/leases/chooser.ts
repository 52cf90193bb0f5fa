import type { Ipv4 } from '../protocol/ipv4.ts';
import { Asks } from './asks.ts';
import type { Places } from './places.ts';
import { CROWDED_TIME, isWithin } from './sources.ts';

/**
 * An address that would be offered. own: the client has or had a lease on it. offered: it was offered it just now. wished: it asks for it, and
 * nobody had it. unused: the next one that nobody has. lapsed: somebody was offered it and did not take it. abandoned: somebody was, and cannot be
 * considering it any more. expired: its lease is over. later: none yet, since too many strangers ask; its next try is answered.
 */
export type Preview =
  | { readonly address: Ipv4; readonly why: Why }
  | { readonly address?: undefined; readonly why: 'later' };
type Why = 'own' | 'offered' | 'wished' | 'unused' | 'lapsed' | 'abandoned' | 'expired';

/** What strangers, machines that have no lease and had none, may do. */
export interface Admission {
  /** Offers that are open to them at a time, from one source. */
  readonly limit: number;
  /** Who asked a short while ago. */
  readonly asks: Asks;
}

export const usual = (): Admission => ({ limit: 2000, asks: new Asks(0) });

/** In place of an address: none yet, the client's next try is answered. */
export const LATER: Ipv4 = 0;

/** Of the pool: so many leases that are over may go to strangers at their first try, lest a flood of them make the pool forget its machines. */
const MOST_HANDED_ON = 1 / 8;

const NONE: ReadonlySet<number> = new Set();

/**
 * Which address a client is offered. A source of which more strangers ask than can be served is crowded for a minute from the last of them: there they
 * get an address at their second try, which machines make and floods of made-up ones do not, and offers that nobody can be considering any more make
 * room for them.
 */
export class Chooser {
  readonly #places: Places;
  readonly #admission: Admission;
  #crowdedUntil = Number.NEGATIVE_INFINITY;

  constructor(places: Places, admission: Admission) {
    this.#places = places;
    this.#admission = admission;
  }

  /** True where strangers ask for more than there is, wherever they do. */
  isCrowded(now: number): boolean {
    return isWithin(this.#crowdedUntil, now);
  }

  /** The place that a stranger is offered from now on; `later`, or undefined where every address is in use. */
  offer(key: string, now: number, wish: number, source: string): number | 'later' | undefined {
    const { sources, free, tenancies, offers } = this.#places;
    const from = sources.of(source, now);
    const isCrowded = sources.isCrowded(from, now);
    const isAgain = isCrowded && this.#admission.asks.has(key, now);
    if (isCrowded ? !isAgain : this.#isFull(from, now)) return this.#turnAway(key, from, now);
    const place =
      this.#wished(wish) ?? free.next() ?? this.#takenBack(now, isAgain) ?? this.#expired(now, isAgain);
    if (place === undefined) {
      const later = this.#turnAway(key, from, now);
      return this.#over(now) !== undefined && !isAgain ? later : undefined;
    }
    free.take(place);
    tenancies.offer(place, key);
    offers.open(place, now, isAgain ? undefined : from);
    return place;
  }

  /** What {@link offer} would answer, as if `without` were none of the pool's; nothing changes. */
  preview(
    key: string,
    now: number,
    wish: number,
    source: string,
    without: ReadonlySet<number>,
  ): { readonly place: number; readonly why: Why } | 'later' | undefined {
    const { sources, free, offers, leases } = this.#places;
    const from = sources.find(source);
    const isCrowded = from !== undefined && sources.isCrowded(from, now);
    const isAgain = isCrowded && this.#admission.asks.has(key, now);
    const isFull = from !== undefined && sources.openOf(from) >= this.#admission.limit;
    if (isCrowded ? !isAgain : isFull && offers.lapsed(now) === undefined) return 'later';
    const wished = this.#wished(wish);
    if (wished !== undefined && !without.has(wished)) return { place: wished, why: 'wished' };
    const unused = free.next(without);
    if (unused !== undefined) return { place: unused, why: 'unused' };
    const isOurs = (place: number) => free.has(place) && !without.has(place);
    for (const why of isAgain ? (['lapsed', 'abandoned'] as const) : (['lapsed'] as const)) {
      const place = offers.inOrder(now, why).find(isOurs);
      if (place !== undefined) return { place, why };
    }
    for (const place of leases.inOrder()) {
      if (leases.untilOf(place) > now) break;
      if (isOurs(place)) return isAgain || this.#mayHandOn(without) ? { place, why: 'expired' } : 'later';
    }
    return undefined;
  }

  #wished(wish: number): number | undefined {
    const { free, tenancies } = this.#places;
    return free.has(wish) && !tenancies.stateAt(wish) ? wish : undefined;
  }

  /** True where so many offers are open to strangers there that another is too many; those whose time is over do not count. */
  #isFull(from: number, now: number): boolean {
    const { sources, offers } = this.#places;
    while (sources.openOf(from) >= this.#admission.limit) {
      const lapsed = offers.lapsed(now);
      if (lapsed === undefined) return true;
      this.#places.giveBack(lapsed);
    }
    return false;
  }

  #turnAway(key: string, from: number, now: number): 'later' {
    this.#admission.asks.add(key, now);
    this.#places.sources.crowd(from, now);
    this.#crowdedUntil = now + CROWDED_TIME;
    return 'later';
  }

  /** An offer nobody took comes before a lease that somebody may come back for. */
  #takenBack(now: number, isAgain: boolean): number | undefined {
    const { offers, free } = this.#places;
    const next = () => offers.lapsed(now) ?? (isAgain ? offers.abandoned(now) : undefined);
    for (let place = next(); place !== undefined; place = next()) {
      this.#places.remove(place);
      if (free.has(place)) return place;
    }
    return undefined;
  }

  #expired(now: number, isAgain: boolean): number | undefined {
    if (!isAgain && !this.#mayHandOn()) return undefined;
    const place = this.#over(now);
    if (place !== undefined) this.#places.remove(place);
    return place;
  }

  /** Strangers that were heard of but once hold few addresses. */
  #mayHandOn(without: ReadonlySet<number> = NONE): boolean {
    const { offers, free } = this.#places;
    const unconfirmed =
      offers.unconfirmed -
      without
        .values()
        .filter((place) => offers.isUnconfirmed(place))
        .toArray().length;
    return unconfirmed < Math.max(2, (free.size - without.size) * MOST_HANDED_ON);
  }

  /** The lease that is over the longest. */
  #over(now: number): number | undefined {
    const { leases, free } = this.#places;
    for (let place = leases.peek(); place !== undefined; place = leases.peek()) {
      if (leases.untilOf(place) > now) break;
      if (free.has(place)) return place;
      this.#places.remove(place);
    }
    return undefined;
  }
}
