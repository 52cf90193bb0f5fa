import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContenderName } from '../../bench/contract.ts';
import { SERVER } from '../../bench/field.ts';
import type { Images } from '../../bench/images.ts';
import type { TftpLoad, TftpLoadResult } from '../../bench/load/tftp.ts';
import { type Client, lockstep, withOptions } from '../../test/interop/tftp-clients.ts';
import type { Context, Finding } from '../contract.ts';
import { type BadField, startBadly } from './bad-field.ts';
import { compare, type Fared } from './compare.ts';
import { EXTENTS, type Extent, HEAVY_LOSS, patienceWith, type Scenario } from './scenarios.ts';

const FILE = 'loader.bin';
const WINDOWS = [1, 4, 16];
/** What fits into a frame of Ethernet, as firmware asks for. */
const BLKSIZE = 1468;
/** After so much silence a machine says its last word again, as iPXE and EDK2 do. */
const PATIENCE_MS = 4000;
/** Times that machines are switched on, where they gave up: each time with addresses of their own. */
const MOST_TURNS = 3;
/** Those that cope with an OACK that comes again, as it has to where the answer was lost. */
const FOREIGN = [...lockstep, ...withOptions].filter(({ refusesOackAgain }) => !refusesOackAgain);

interface Loading {
  readonly name: ContenderName;
  readonly bad: BadField;
  readonly images: Images;
  readonly extent: Extent;
  /** Where foreign clients put what they load. */
  readonly folder: string;
}

/** Machines and foreign programs that load a loader from each server, over one kind of bad network. */
export async function tftpOver(scenario: Scenario, context: Context, images: Images): Promise<Finding[]> {
  const extent = EXTENTS[context.level];
  images.file(FILE, extent.fileBytes);
  const site = { services: ['tftp'], images: images.folder } as const;
  const started = await Promise.all(
    extent.tftp.map(async (name) => {
      const bad = await startBadly(context.lab, name, scenario, 'one host', site, context.log);
      return bad ? [{ name, bad, images, extent, folder: context.folder }] : [];
    }),
  );
  const loading = started.flat();
  try {
    const windows = WINDOWS.map(async (windowsize, number) => {
      const fared = await Promise.all(loading.map((one) => simulated(one, windowsize, number)));
      const claim = `TFTP, ${scenario.name}: ${extent.loading} machines with windows of ${windowsize} get ${extent.fileBytes / 1000} kB, median time`;
      const wanted = extent.times === 'judged' ? 'soon' : 'all';
      return compare(`tftp-${scenario.id}-w${windowsize}`, claim, fared, wanted);
    });
    // At once: nearly all of the time goes by in waiting for what was lost.
    const [simulatedOnes, foreignOnes] = await Promise.all([
      Promise.all(windows),
      foreignClients(scenario, loading),
    ]);
    return [...simulatedOnes, ...foreignOnes];
  } finally {
    await Promise.all(loading.map(({ bad }) => bad.running.stop()));
  }
}

/** @param number of the group: machines of each have addresses of their own. */
async function simulated(
  { name, bad, images, extent }: Loading,
  windowsize: number,
  number: number,
): Promise<Fared> {
  const { loading, fileBytes } = extent;
  const patience = patienceWith(name, extent);
  const begun = performance.now();
  const waited = () => (performance.now() - begun) / 1000;
  const seconds: number[] = [];
  let [corrupt, turn] = [0, 0];
  let anew = 0;
  let problem: string | undefined;
  do {
    const before = waited();
    const result: TftpLoadResult = await bad.field.load<TftpLoadResult>('tftp', {
      server: SERVER,
      file: FILE,
      original: images.file(FILE, fileBytes),
      clients: loading - seconds.length,
      blksize: BLKSIZE,
      windowsize,
      patienceMs: PATIENCE_MS,
      withinSeconds: patience - before,
      firstMachine: `10.17.${number}.${1 + 64 * turn}`,
    } satisfies TftpLoad);
    seconds.push(...result.times.map((ms) => before + ms / 1000));
    corrupt += result.corrupt;
    problem ??= result.failed[0];
    if (result.failed.length === 0) break;
    anew += loading - seconds.length;
    turn++;
  } while (corrupt === 0 && turn < MOST_TURNS && waited() < patience);
  return { server: name, seconds, of: loading, corrupt, anew, ...(problem !== undefined && { problem }) };
}

async function foreignClients(scenario: Scenario, loading: readonly Loading[]): Promise<Finding[]> {
  return Promise.all(
    FOREIGN.map(async (client, number) => {
      const fared = await Promise.all(loading.map((one) => foreign(one, client)));
      const claim = `TFTP, ${scenario.name}: ${client.name} gets ${loading[0]!.extent.fileBytes / 1000} kB`;
      const wanted = scenario.impairment.loss < HEAVY_LOSS ? 'all' : 'right';
      return compare(`tftp-${scenario.id}-foreign${number}`, claim, fared, wanted);
    }),
  );
}

async function foreign({ name, bad, images, extent, folder }: Loading, client: Client): Promise<Fared> {
  const wanted = hashOf(images.file(FILE, extent.fileBytes));
  const seconds: number[] = [];
  const problems: string[] = [];
  let corrupt = 0;
  const load = async () => {
    const to = join(folder, `load-${++loads}`);
    const begun = performance.now();
    const { status, output } = await bad.field.client.run(
      ...client.command(SERVER, FILE, to),
      extent.foreignSeconds,
    );
    if (status !== 0) problems.push(`status ${status}: ${output.trim().slice(-100)}`);
    else if (hashOf(to) === wanted) seconds.push((performance.now() - begun) / 1000);
    else corrupt++;
  };
  await Promise.all(Array.from({ length: extent.foreign }, load));
  return { server: name, seconds, of: extent.foreign, corrupt, ...(problems[0] && { problem: problems[0] }) };
}

let loads = 0;

const hashOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
