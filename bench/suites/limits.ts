import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Measurement, Sample, Suite } from '../contract.ts';
import { CLIENT, SERVER } from '../field.ts';
import type { Result, Wanted } from '../load/limits.ts';

const PROGRAM = fileURLToPath(new URL('../load/limits-server.ts', import.meta.url));

interface Work extends Pick<Wanted, 'what' | 'inFlight'> {
  readonly id: string;
  readonly work: string;
  readonly unit: string;
  /** Of the unit to one of what is counted. */
  readonly scale: number;
}

const MEGA = { unit: 'MB/s', scale: 1e-6 };
const TRIPS = { unit: 'round trips/s', scale: 1 };
const WORKS: readonly Work[] = [
  { id: 'limit-echo-1', work: 'UDP, one datagram under way', what: 'echo', inFlight: 1, ...TRIPS },
  { id: 'limit-echo-256', work: 'UDP, 256 datagrams under way', what: 'echo', inFlight: 256, ...TRIPS },
  { id: 'limit-window-1', work: 'UDP windows of 16 × 1,472 bytes, one under way', what: 'window', ...MEGA },
  { id: 'limit-window-16', work: 'the same, 16 under way', what: 'window', inFlight: 16, ...MEGA },
  { id: 'limit-tcp', work: 'TCP, one connection, written by node:net', what: 'flood', ...MEGA },
  { id: 'limit-memory', work: 'Copying memory, on one core', what: 'memory', ...MEGA },
];

/** What the machine carries when nothing is served: the batch socket with nothing behind it, TCP from one buffer, memory. */
export const limits: Suite = {
  name: 'limits',
  async run(context) {
    const field = context.field('limits');
    const server = field.serve(process.execPath, [PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(server.stdout!, 'data');
    const seconds = context.level === 'full' ? 1 : 0.3;
    const samples = WORKS.map((): Sample[] => []);
    for (let round = 0; round < Math.min(context.rounds, 3); round++) {
      for (const [n, { what, inFlight = 1, scale }] of WORKS.entries()) {
        const order: Wanted = { server: SERVER, address: CLIENT, what, inFlight, seconds };
        samples[n]!.push((await field.load<Result>('limits', order)).perSecond * scale);
      }
    }
    return WORKS.map(
      ({ id, work, unit }, n): Measurement => ({
        id,
        work,
        unit,
        better: 'more',
        samples: { 'this machine': samples[n]! },
      }),
    );
  },
};
