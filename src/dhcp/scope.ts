import type { Ledger } from '../leases/book.ts';
import { BookView } from '../leases/book-view.ts';
import { GuestBook } from '../leases/guest-book.ts';
import type { Lease, LeaseChange } from '../leases/lease.ts';
import { MESSAGE, OPTION } from '../protocol/dhcp/codes.ts';
import { byteOf } from '../protocol/dhcp/options.ts';
import type { Packet } from '../protocol/dhcp/packet.ts';
import { relayInfo } from '../protocol/dhcp/relay.ts';
import { broadcastOf, contains, type Ipv4 } from '../protocol/ipv4.ts';
import type { EngineSettings } from './question.ts';

/** More relays than that, each with an address of its own for this server, hardly are in front of one subnet. */
const MOST_VARIED = 64;

/** One subnet with the addresses that are given on it, and what its machines are told. */
export class Scope {
  readonly book: Ledger;
  readonly relays: readonly Ipv4[];
  readonly #settings: EngineSettings;
  readonly #gatewayIsRelay: boolean;
  /** The settings as relays change them, by the server's address that is told. */
  readonly #varied = new Map<Ipv4, EngineSettings>();
  /** The settings with the lease time of strangers. */
  readonly #brief = new WeakMap<EngineSettings, EngineSettings>();
  /** As of the last relayed request; undefined as long as there was none. */
  #relay: { readonly gateway: Ipv4 | undefined } | undefined;

  /**
   * @param gateway 'relay': machines are given the address of the relay that speaks for them as their router.
   * @param relays that speak for this subnet from outside of it.
   */
  constructor(
    settings: EngineSettings,
    book: Ledger,
    gateway: 'as-set' | 'relay' = 'as-set',
    relays: readonly Ipv4[] = [],
  ) {
    this.#settings = settings;
    this.book = book;
    this.relays = relays;
    this.#gatewayIsRelay = gateway === 'relay';
  }

  /** As this one, to try out what would be answered: nothing that is done there changes anything here. */
  rehearsal(): Scope {
    const scope = new Scope(
      this.#settings,
      new BookView(this.book),
      this.#gatewayIsRelay ? 'relay' : 'as-set',
      this.relays,
    );
    scope.#relay = this.#relay;
    return scope;
  }

  /** For a guest: an address of the same ones, for so many seconds; what it tells of relays concerns nobody else. */
  forGuest(leaseTime: number): Scope {
    const gateway = this.#gatewayIsRelay ? 'relay' : 'as-set';
    return new Scope({ ...this.#settings, leaseTime }, new GuestBook(this.book), gateway, this.relays);
  }

  get subnet() {
    return this.#settings.subnet;
  }

  get served() {
    return this.#settings.served;
  }

  has(address: Ipv4): boolean {
    return contains(this.subnet, address);
  }

  /** Remembers the relay of a request that came through one; its address is never given to a machine. */
  meet(request: Packet): void {
    const link = linkOf(request);
    if (link === 0) return;
    // RFC 3527 lets a relay name the subnet by any address of it, also by that of the subnet itself.
    const isHost = this.has(link) && link !== this.subnet.network && link !== broadcastOf(this.subnet);
    if (isHost) this.book.exclude(link);
    this.#relay = { gateway: isHost ? link : undefined };
  }

  /**
   * True as long as the machines' gateway is not known: its relay has not spoken since the start. A machine that renews past it
   * would lose its route by an answer without a gateway.
   */
  get awaitsRelay(): boolean {
    return this.#gatewayIsRelay && !this.#relay;
  }

  /** True for whoever is given an address for a shorter time than others, being new where addresses are short. */
  isOnProbation(key: string, now: number): boolean {
    const { newLeaseTime, leaseTime } = this.#settings;
    return newLeaseTime < leaseTime && this.book.isOnProbation(key, now);
  }

  /** What this request is answered with. */
  settingsFor(request: Packet, isOnProbation = false): EngineSettings {
    const settings = this.#settingsBy(request);
    if (!isOnProbation) return settings;
    // Replies are known again by the settings that they were made of.
    let brief = this.#brief.get(settings);
    if (!brief) {
      brief = { ...settings, leaseTime: settings.newLeaseTime };
      this.#brief.set(settings, brief);
    }
    return brief;
  }

  #settingsBy(request: Packet): EngineSettings {
    const server = request.giaddr === 0 ? undefined : relayInfo(request.options).serverOverride;
    if (server === undefined && !this.#gatewayIsRelay) return this.#settings;
    const gateway = this.#gatewayIsRelay ? this.#relay?.gateway : this.#settings.gateway;
    const settings = { ...this.#settings, server: server ?? this.#settings.server, gateway };
    const before = this.#varied.get(settings.server);
    if (before && before.gateway === gateway) return before;
    if (this.#varied.size >= MOST_VARIED) this.#varied.clear();
    this.#varied.set(settings.server, settings);
    return settings;
  }
}

/** The adapter's own subnet, and those behind relays. No address is in two of them. */
export interface Scopes {
  readonly local: Scope;
  readonly relayed: readonly Scope[];
}

/**
 * Where the relay says the client is: link selection (RFC 3527), subnet selection (RFC 3011), else giaddr; 0 without a relay. Without
 * one, nobody is believed to be anywhere but on the adapter's own link.
 */
export function linkOf(request: Packet): Ipv4 {
  if (request.giaddr === 0) return 0;
  const { link, subnet } = relayInfo(request.options);
  return link ?? subnet ?? request.giaddr;
}

/** The subnet of the client; undefined where its relay speaks for one that is not served. */
export function selectScope(request: Packet, { local, relayed }: Scopes): Scope | undefined {
  const link = linkOf(request);
  if (link !== 0) {
    const named = link === request.giaddr && relayed.find(({ relays }) => relays.includes(link));
    return named || [local, ...relayed].find((scope) => scope.has(link));
  }
  // A machine that has its address speaks to the server itself, past its relay. A DISCOVER has none.
  const hasAddress = request.ciaddr !== 0 && byteOf(request.options, OPTION.messageType) !== MESSAGE.discover;
  return (hasAddress && relayed.find((scope) => scope.has(request.ciaddr))) || local;
}

/** Gives every stored lease to the scope that it belongs to; returns what is to be removed, since it belongs to none. */
export function restoreLeases({ local, relayed }: Scopes, leases: readonly Lease[]): LeaseChange[] {
  const home = (lease: Lease) => relayed.find((scope) => scope.has(lease.address)) ?? local;
  return [...Map.groupBy(leases, home)].flatMap(([scope, members]) => scope.book.restore(members));
}
