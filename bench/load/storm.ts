// Machines that are switched on at the same moment: DHCP, the loader by TFTP, DHCP again, then script, kernel and initrd by HTTP.
// Argument: one JSON word (Wanted); result: one JSON line (Result). Every byte is compared.
import { readFileSync } from 'node:fs';
import { type Booted, boot, StormPort } from './storm-machine.ts';

export interface Wanted {
  readonly adapter: string;
  readonly machines: number;
  /** Of the first one; others follow. Those of another run have not been seen before. */
  readonly firstMachine: number;
  /** A path to the file that the server is to give as loader. */
  readonly loader: string;
}

export interface Result {
  /** Until the last machine has its last byte. */
  readonly seconds: number;
  /** Until half of them have. */
  readonly medianSeconds: number;
  /** Until the last one had its address, and its loader. */
  readonly addressSeconds: number;
  readonly loaderSeconds: number;
  readonly bytes: number;
  /** The part of the time that this program itself was at work: near 1, it is the limit. */
  readonly busy: number;
  /** Offers that were taken back. */
  readonly takenBack: number;
  /** Boots that came to nothing; the machine was switched on again. */
  readonly failed: readonly string[];
  /** Machines that had not booted after so many tries. */
  readonly given: number;
}

const TRIES = 5;
const wanted = JSON.parse(process.argv[2] ?? '{}') as Wanted;
const failed: string[] = [];
const port = new StormPort();
await port.open(wanted.adapter);
const world = { port, loader: readFileSync(wanted.loader), takenBack: 0 };

async function insist(number: number): Promise<Booted | undefined> {
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      return await boot(world, number);
    } catch (error) {
      failed.push((error as Error).message);
    }
  }
  return undefined;
}

const begun = performance.now();
const usage = process.cpuUsage();
const all = await Promise.all(
  Array.from({ length: wanted.machines }, (_, n) => insist(wanted.firstMachine + n)),
);
const { user, system } = process.cpuUsage(usage);
const booted = all.filter((one) => one !== undefined);
const last = (what: (one: Booted) => number) =>
  booted.reduce((most, one) => Math.max(most, what(one)), begun) - begun;
const done = booted.map((one) => one.done - begun).toSorted((a, b) => a - b);
const result: Result = {
  seconds: last((one) => one.done) / 1000,
  medianSeconds: (done[Math.floor(done.length / 2)] ?? 0) / 1000,
  addressSeconds: last((one) => one.address) / 1000,
  loaderSeconds: last((one) => one.loaded) / 1000,
  bytes: booted.reduce((sum, one) => sum + one.bytes, 0),
  busy: (user + system) / 1000 / (performance.now() - begun),
  takenBack: world.takenBack,
  failed: failed.slice(0, 5),
  given: all.length - booted.length,
};
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit());
