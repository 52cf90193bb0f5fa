import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { journalFile } from '../../src/journal/store/journal-writer.ts';
import { LEASE_FILE } from '../../src/leases/lease.ts';
import { allLeases } from '../../src/leases/lease-pages.ts';
import { parseIpv4 } from '../../src/protocol/ipv4.ts';
import type { Ack } from './facts.ts';
import type { Name } from './site.ts';

/** Leases are kept in whole seconds, by a clock that was set to whole seconds. */
const BEHIND = 2;

/** Copies of the databases that a killed service has left, as they are at this moment. */
export interface Remains {
  /** Those that were there. */
  readonly databases: readonly string[];
  /** The leases, where dhcp was killed and had any. */
  readonly leases: string | undefined;
}

export function remains(state: string, name: Name, folder: string): Remains {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const copied = (file: string): string | undefined => {
    const copy = join(folder, basename(file));
    // The shared memory is an index of the log, made anew by whoever opens both.
    for (const suffix of ['', '-wal'])
      if (existsSync(file + suffix)) copyFileSync(file + suffix, copy + suffix);
    return existsSync(copy) ? copy : undefined;
  };
  const leases = name === 'dhcp' ? copied(join(state, LEASE_FILE)) : undefined;
  const databases = [leases, copied(journalFile(state, name))];
  return { leases, databases: databases.filter((copy) => copy !== undefined) };
}

/** @returns what SQLite finds wrong with a database; undefined where it is whole. */
export function damage(file: string): string | undefined {
  const database = new DatabaseSync(file);
  try {
    const found = Object.values(database.prepare('PRAGMA integrity_check').get() ?? {})[0];
    return found === 'ok' ? undefined : `${file}: ${found}`;
  } catch (error) {
    return `${file}: ${(error as Error).message}`;
  } finally {
    database.close();
  }
}

/** Of what machines were promised, what is not in the database. */
export function undurable(file: string | undefined, promised: readonly Ack[]): string[] {
  if (file === undefined)
    return promised.map(({ mac }) => `${mac} was promised an address, and there is no database`);
  const database = new DatabaseSync(file);
  try {
    const leases = new Map(allLeases(database).map((lease) => [lease.address, lease]));
    return promised.flatMap(({ address, mac, wall }) => {
      const lease = leases.get(parseIpv4(address)!);
      const stands = lease?.mac === mac && lease.state === 'bound' && lease.expires + BEHIND > wall;
      return stands
        ? []
        : [`${mac} was promised ${address} until ${wall}, and there is ${JSON.stringify(lease)}`];
    });
  } finally {
    database.close();
  }
}

/** Names in images/ of files that are being written, or were when their process was killed. */
export function parts(images: string): string[] {
  return readdirSync(images, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.remoteboot-part'),
  );
}
