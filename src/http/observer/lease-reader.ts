import { statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { errnoOf } from '../../assets/system-error.ts';
import { LEASE_FILE, type Lease } from '../../leases/lease.ts';
import { allLeases } from '../../leases/lease-pages.ts';
import { formatIpv4 } from '../../protocol/ipv4.ts';
import type { LeaseView } from '../api/shapes.ts';

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

  /** By address. */
  views(): LeaseView[] {
    const now = this.#now();
    return this.#leases.map(({ address, mac, hostName, state, expires }) => ({
      address: formatIpv4(address),
      mac,
      hostName,
      state: state === 'bound' && expires * 1000 <= now ? 'expired' : state,
      expires: expires * 1000,
    }));
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

function openAs(file: string, inode: number): Open {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 0 });
  return { database, version: database.prepare('PRAGMA data_version'), inode };
}
