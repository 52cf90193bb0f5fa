import { statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { errnoOf } from '../../assets/system-error.ts';
import { LEASE_FILE, type Lease } from '../../leases/lease.ts';
import { allLeases } from '../../leases/lease-pages.ts';
import { formatIpv4 } from '../../protocol/ipv4.ts';
import type { LeaseView } from '../api/shapes.ts';
import type { AddressRange, LeaseStates } from './observed.ts';

interface Open {
  readonly database: DatabaseSync;
  readonly version: StatementSync;
  readonly inode: number;
}

/**
 * Looks into dhcp's lease database without ever writing to it or waiting for it. One that is not there yet, is locked or was set aside as
 * damaged is tried again at the next look; until then the leases of the last look stand.
 */
export class LeaseReader {
  readonly #file: string;
  readonly #now: () => number;
  #open: Open | undefined;
  #version: unknown;
  #leases: readonly Lease[] = [];
  #changed = false;
  #problem: string | undefined;

  /** `now` is milliseconds since 1970. */
  constructor(state: string, now: () => number) {
    this.#file = path.join(state, LEASE_FILE);
    this.#now = now;
  }

  /** Reads what has changed since the last look. Never throws. */
  look(): void {
    try {
      this.#read();
      this.#problem = undefined;
    } catch (error) {
      this.close();
      // Before dhcp has made it there is nothing to complain about.
      const absent = errnoOf(error) === 'ENOENT';
      const reason = error instanceof Error ? error.message : String(error);
      this.#problem = absent
        ? undefined
        : `leases cannot be read from ${this.#file}: ${reason}; tried again every second`;
    }
  }

  /** True where a look since the last call has found something new. */
  changed(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  #read(): void {
    const { ino } = statSync(this.#file);
    if (this.#open?.inode !== ino) this.close();
    this.#open ??= openAs(this.#file, ino);
    const { database, version } = this.#open;
    const now = version.get()?.data_version;
    if (now === this.#version) return;
    this.#leases = allLeases(database);
    this.#version = now;
    this.#changed = true;
  }

  /** Who has which address, dotted; declined ones belong to nobody. */
  owners(): { address: string; mac: string }[] {
    return this.#leases
      .filter(({ state }) => state !== 'declined')
      .map(({ address, mac }) => ({ address: formatIpv4(address), mac }));
  }

  /** By address, as a JSON array of LeaseView. */
  json(): Uint8Array<ArrayBuffer> {
    const now = this.#now();
    const pages: Buffer[] = [];
    for (let from = 0; from < this.#leases.length; from += PAGE) {
      const views = this.#leases.slice(from, from + PAGE).map((lease) => viewOf(lease, now));
      pages.push(Buffer.from(`${from === 0 ? '' : ','}${JSON.stringify(views).slice(1, -1)}`));
    }
    const bytes = [BEGIN, ...pages, END];
    const whole = new Uint8Array(bytes.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const some of bytes) {
      whole.set(some, at);
      at += some.length;
    }
    return whole;
  }

  /** How many addresses of each range are in which state. */
  states(ranges: readonly AddressRange[]): LeaseStates[] {
    const now = this.#now();
    return ranges.map(({ first, count }) => {
      const states = { bound: 0, expired: 0, released: 0, declined: 0 };
      for (const lease of this.#leases)
        if (lease.address >= first && lease.address < first + count) states[stateOf(lease, now)] += 1;
      return states;
    });
  }

  problems(): readonly string[] {
    return this.#problem === undefined ? [] : [this.#problem];
  }

  close(): void {
    this.#open?.database.close();
    this.#open = undefined;
    this.#version = undefined;
  }
}

/** So many are written down as one text. */
const PAGE = 1000;
const BEGIN = Buffer.from('[');
const END = Buffer.from(']');

function viewOf(lease: Lease, now: number): LeaseView {
  const { address, mac, hostName, expires } = lease;
  return {
    address: formatIpv4(address),
    mac,
    hostName,
    state: stateOf(lease, now),
    expires: expires * 1000,
  };
}

/** @param now milliseconds since 1970. */
function stateOf({ state, expires }: Lease, now: number): LeaseView['state'] {
  return state === 'bound' && expires * 1000 <= now ? 'expired' : state;
}

function openAs(file: string, inode: number): Open {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 0 });
  return { database, version: database.prepare('PRAGMA data_version'), inode };
}
