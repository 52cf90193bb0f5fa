import { rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { controlSocket } from '../../src/platform/control-protocol.ts';
import { askHealth } from '../../src/platform/health.ts';
import { temporaryFolder } from '../../test/lab/leftovers.ts';
import { Service } from '../../test/lab/service.ts';
import { ours } from '../contenders/ours.ts';
import type { Context, Level, Measurement, Suite } from '../contract.ts';
import { CLIENT, CLIENT_ADAPTER, SERVER, SERVER_ADAPTER } from '../field.ts';
import { fillPool } from '../filled-pool.ts';
import type { Result, Wanted } from '../load/dhcp.ts';

const START = '10.16.0.0';

/** `room`: addresses that nobody has in a pool that is nearly full; whoever comes later gets one whose lease is over. */
const SIZES: Readonly<Record<Level, { pool: number; room: number; stored: number; seconds: number }>> = {
  full: { pool: 1 << 20, room: 1000, stored: 500_000, seconds: 4 },
  quick: { pool: 1 << 18, room: 1000, stored: 100_000, seconds: 1 },
  smoke: { pool: 1 << 16, room: 1000, stored: 20_000, seconds: 0.5 },
};

/** What many addresses cost: in an exchange, and at the start. */
export const pool: Suite = {
  name: 'pool',
  async run(context) {
    return [await cost(context), await start(context)];
  },
};

/** The same server on the same pool, with hardly a lease in it and with hardly an address left. */
async function cost(context: Context): Promise<Measurement> {
  const { pool: count, room, seconds } = SIZES[context.level];
  const full = { start: START, leases: count - room, over: Math.floor(count / 2) };
  const fillings = {
    'nearly empty': { start: START, leases: 1000, over: 0, ends: 'in order' },
    'nearly full': { ...full, ends: 'in order' },
    // Each lease is in a page of its own.
    'nearly full, leases end in no order': { ...full, ends: 'in no order' },
  } as const;
  const samples: Record<string, number[]> = {};
  const wrong: string[] = [];
  for (let round = 0; round < context.rounds; round++) {
    for (const [name, filling] of Object.entries(fillings)) {
      const state = temporaryFolder('bench-pool');
      const field = context.field(`pool-${round}`);
      try {
        await fillPool(state, filling);
        const running = await ours.start(field, {
          services: ['dhcp'],
          images: context.images.folder,
          pool: { start: START, count },
          settings: { STATE_DIR: state },
        });
        await untilServing(state);
        const order: Wanted = {
          adapter: CLIENT_ADAPTER,
          address: CLIENT,
          server: SERVER,
          mode: 'new',
          inFlight: 256,
          warmUp: 1,
          seconds,
        };
        const result = await field.load<Result>('dhcp', order);
        await running.stop();
        samples[name] = [...(samples[name] ?? []), 1e6 / result.perSecond];
        const { drops, duplicates, wrong: misfits } = result;
        if (drops + duplicates + misfits > 0)
          wrong.push(
            `${name}: ${drops} drops, ${duplicates} addresses given twice, ${misfits} wrong answers`,
          );
      } finally {
        await field.close();
        rmSync(state, { recursive: true, force: true });
      }
    }
  }
  return {
    id: 'pool-cost',
    work: `DHCP exchange of a new machine, pool of ${count} addresses`,
    unit: 'µs',
    better: 'less',
    samples,
    wrong,
  };
}

/** Its port is open before the leases are read. */
async function untilServing(state: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const health = await askHealth(controlSocket(state, 'dhcp'), 'dhcp', 1000);
    if ('problems' in health && health.problems.length === 0) return;
    if (performance.now() > deadline) throw new Error(`dhcp does not serve: ${JSON.stringify(health)}`);
    await sleep(50);
  }
}

/** From the start of the process to the line that says that it serves. */
async function start(context: Context): Promise<Measurement> {
  const { pool: count, stored } = SIZES[context.level];
  const state = temporaryFolder('bench-start');
  const field = context.field('start');
  const samples: number[] = [];
  try {
    await fillPool(state, {
      start: START,
      leases: stored,
      over: Math.floor(stored / 2),
      ends: 'in no order',
    });
    for (let round = 0; round < context.rounds; round++) {
      const begun = performance.now();
      const service = new Service(field.server, 'dhcp', {
        ADAPTER: SERVER_ADAPTER,
        IMAGES_DIR: context.images.folder,
        STATE_DIR: path.resolve(state),
        TMPDIR: state,
        START_ADDRESS: START,
        LEASE_COUNT: String(count),
      });
      await service.log.until(/dhcp serves/, { seconds: 60 });
      samples.push((performance.now() - begun) / 1000);
      await service.stop();
    }
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
  return {
    id: 'pool-start',
    work: `Start of the dhcp service with ${stored} leases on disk`,
    unit: 's',
    better: 'less',
    samples: { ours: samples },
  };
}
