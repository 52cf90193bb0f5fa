import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { LEASE_FILE } from '../../src/leases/lease.ts';
import { allLeases } from '../../src/leases/lease-pages.ts';
import type { Finding } from '../contract.ts';
import { Crowd } from './crowd.ts';
import { type Site, serving } from './site.ts';

/** Fewer than the pool has: each gets one address and keeps it. */
const MACHINES = 110;
/** They begin within 150. */
const STOP_WITHIN_MS = 120;

/** dhcp is told to stop in the middle of a crowd's first requests: what it has written it has promised, too. */
export async function unanswered(site: Site, rounds: number, random: () => number): Promise<Finding> {
  let leases = 0;
  let without = 0;
  let partly = 0;
  const statuses = new Set<number | string>();
  for (let round = 0; round < rounds; round++) {
    rmSync(site.state, { recursive: true, force: true });
    const service = site.begin('dhcp');
    await serving('dhcp', service);
    const crowd = new Crowd(site.machines, { adapter: 'eth0', machines: MACHINES, seed: round, once: true });
    try {
      await crowd.begun();
      await sleep(random() * STOP_WITHIN_MS);
      statuses.add((await service.stop('SIGTERM')).ended);
      await crowd.mark();
    } finally {
      crowd.stop();
    }
    const acknowledged = new Set(crowd.facts.flatMap((fact) => (fact.kind === 'ack' ? fact.mac : [])));
    const written = bound(join(site.state, LEASE_FILE));
    leases += written.length;
    without += written.filter((mac) => !acknowledged.has(mac)).length;
    if (written.length < MACHINES) partly++;
  }
  return {
    id: 'stop-acks',
    claim:
      'Leases that dhcp had written when it was stopped in the middle of a crowd, whose ACK did not leave any more',
    figure: `${without} of ${leases}, in ${rounds} stops (${partly} with requests unanswered)`,
    bound: 'none',
    holds: without === 0 && leases > 0 && statuses.size === 1 && statuses.has(0),
  };
}

function bound(file: string): string[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return allLeases(database).flatMap(({ state, mac }) => (state === 'bound' ? mac : []));
  } finally {
    database.close();
  }
}
