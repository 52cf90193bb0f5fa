/**
 * What befell a machine, by its own account. Times are milliseconds of the host's monotonic clock; a lease counts from the moment at which it
 * was asked for (RFC 2131 §4.4.5).
 */
export type Fact =
  | {
      readonly kind: 'ack';
      readonly at: number;
      readonly mac: string;
      readonly address: string;
      readonly until: number;
      /** `until` in seconds since 1970. */
      readonly wall: number;
    }
  | { readonly kind: 'nak'; readonly at: number; readonly mac: string }
  | { readonly kind: 'release'; readonly at: number; readonly mac: string }
  | { readonly kind: 'mark'; readonly number: number };

export type Ack = Extract<Fact, { kind: 'ack' }>;

/** An address in the hands of a machine, which believes that it is its own. */
export interface Hold {
  readonly mac: string;
  readonly address: string;
  readonly from: number;
  /** When its lease ends, or it has given it up. */
  readonly to: number;
}

/** What each machine held when: facts in their order. */
export function holdsOf(facts: Iterable<Fact>): Hold[] {
  const held = new Map<string, Hold>();
  const holds: Hold[] = [];
  const giveUp = (mac: string, at: number) => {
    const hold = held.get(mac);
    held.delete(mac);
    if (hold) holds.push({ ...hold, to: Math.min(at, hold.to) });
  };
  for (const fact of facts) {
    if (fact.kind === 'mark') continue;
    const { mac, at } = fact;
    const hold = held.get(mac);
    const extends_ = fact.kind === 'ack' && hold?.address === fact.address && at <= hold.to;
    if (!extends_) giveUp(mac, at);
    if (fact.kind !== 'ack') continue;
    const { address, until } = fact;
    held.set(mac, {
      mac,
      address,
      from: extends_ ? hold.from : at,
      to: Math.max(until, extends_ ? hold.to : 0),
    });
  }
  return [...holds, ...held.values()];
}

/** Two machines that had one address at a time; undefined where no two had. */
export function heldTwice(holds: readonly Hold[]): readonly [Hold, Hold] | undefined {
  for (const all of Map.groupBy(holds, ({ address }) => address).values()) {
    let last: Hold | undefined;
    for (const hold of all.toSorted((a, b) => a.from - b.from)) {
      if (last && last.mac !== hold.mac && hold.from < last.to) return [last, hold];
      if (!last || hold.to > last.to) last = hold;
    }
  }
  return undefined;
}

/** The last ACK of each machine that had not given it up by then: what its server has promised. */
export function promises(facts: Iterable<Fact>, at: number): Ack[] {
  const promised = new Map<string, Ack>();
  for (const fact of facts) {
    if (fact.kind === 'mark' || fact.at > at) continue;
    if (fact.kind === 'ack') promised.set(fact.mac, fact);
    else promised.delete(fact.mac);
  }
  return [...promised.values()].filter(({ until }) => until > at);
}
