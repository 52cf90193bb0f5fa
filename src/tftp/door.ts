import type { Bursts } from '../journal/burst.ts';
import type { TftpLimit } from '../journal/tftp-events.ts';
import { Allowance } from '../platform/allowance.ts';
import type { Ipv4 } from '../protocol/ipv4.ts';
import type { Room, Sessions } from './sessions.ts';
import type { Standing } from './sources.ts';
import type { Peer } from './wire.ts';

export interface DoorParts {
  readonly standing: (peer: Peer) => Standing;
  readonly sessions: Sessions;
  readonly perAddress: number;
  readonly bursts: Pick<Bursts<TftpLimit, Ipv4>, 'note'>;
}

/** Requests that lead to nothing, in units of the transfers that an address may have: so many at once. A second brings half of them back. */
const AT_ONCE = 2;
/** ERRORs that an address is sent at once, and a second: a rack behind one gateway looks for its configuration under twenty names each. */
const ERRORS_AT_ONCE = 512;
const ERRORS_PER_SECOND = 128;
/** Below are the ports of services, which could take an ERROR for a request: no machine asks from there. */
const LOWEST_CLIENT_PORT = 1024;

/** Who gets in: decides by the source of a packet alone, before anything is made of it, so that a flood costs little. */
export class Door {
  readonly #parts: DoorParts;
  readonly #hurry: Allowance<Ipv4>;
  readonly #errors = new Allowance<Ipv4>(ERRORS_AT_ONCE, ERRORS_PER_SECOND);

  constructor(parts: DoorParts) {
    this.#parts = parts;
    this.#hurry = new Allowance<Ipv4>(AT_ONCE * parts.perAddress, parts.perAddress);
  }

  isServed(peer: Peer): boolean {
    const standing = this.#parts.standing(peer);
    if (standing === 'outside') this.#parts.bursts.note('outside', peer.address);
    return standing === 'served';
  }

  /** Room for a transfer of this peer, which is served; undefined where there is none. @param now in milliseconds. */
  room(peer: Peer, now: number): Exclude<Room, string> | undefined {
    const { sessions, bursts } = this.#parts;
    const room = this.#hurry.take(peer.address, now) ? sessions.room(peer, now) : 'hurry';
    if (typeof room !== 'string') return room;
    bursts.note(room, peer.address);
    return undefined;
  }

  /** A request of this address was for something. */
  answered({ address }: Peer): void {
    this.#hurry.giveBack(address);
  }

  /** Whether an ERROR may be sent there. */
  mayTell(peer: Peer, now: number): boolean {
    if (peer.port < LOWEST_CLIENT_PORT) return false;
    const may = this.#errors.take(peer.address, now);
    if (!may) this.#parts.bursts.note('errors', peer.address);
    return may;
  }
}
