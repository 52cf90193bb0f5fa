import { copyFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { bzImage, cpio } from '../../test/assets/headers.ts';
import { Appliance, SERVER } from '../../test/lab/appliance.ts';
import { Fleet, macOf } from '../../test/lab/fleet/fleet.ts';
import type { Kind, MachinePlan } from '../../test/lab/fleet/plan.ts';
import type { Context, Finding } from '../contract.ts';
import { connectBadly } from './cable.ts';
import { median } from './compare.ts';
import type { Scenario } from './scenarios.ts';

const LOADERS = ['/usr/lib/ipxe/undionly.kpxe', '/usr/lib/ipxe/snponly.efi'];
const KINDS: readonly Kind[] = ['bios', 'uefi', 'uefi-http', 'ipxe-rom'];
const EACH = { full: 4, short: 1 };
/** Of all tries together; a machine's own patience ends sooner. */
const WITHIN_S = { full: 170, short: 100 };
/** A machine that has given up is switched on again, as people do. */
const MOST_TRIES = 3;
/** Small ones: what is shown is that every stage gets through, and TCP crawls where a fifth is lost. */
const SIZES = { vmlinuz: 100_000, 'initrd.img': 150_000 };
const SEED = 11;

/** Whole boots: DHCP three times, TFTP or HTTP for the loader, script, kernel and initrd by HTTP. */
export async function bootsOver(scenario: Scenario, { lab, level }: Context): Promise<Finding> {
  const appliance = new Appliance(lab);
  let fleet: Fleet | undefined;
  try {
    const { images, server, switch: neighbour } = appliance;
    writeFileSync(join(images, 'vmlinuz'), Buffer.concat([bzImage(), Buffer.alloc(SIZES.vmlinuz, 1)]));
    writeFileSync(join(images, 'initrd.img'), Buffer.concat([cpio, Buffer.alloc(SIZES['initrd.img'], 2)]));
    for (const loader of LOADERS) copyFileSync(loader, join(images, basename(loader)));
    await connectBadly(
      lab,
      { host: server, adapter: 'srv0', address: `${SERVER}/24` },
      { host: neighbour, adapter: 'p-srv0', bridge: 'br0' },
      scenario.impairment,
      SEED,
    );
    await appliance.serve({});
    fleet = await Fleet.start(lab, appliance);
    const kinds = KINDS.flatMap((kind) => Array.from({ length: EACH[level] }, () => kind));
    const machines = kinds.map((kind, n) => ({ mac: macOf(n), kind, hostName: `machine-${n}` }));
    const { booted, failed, anew } = await bootAll(fleet, machines, WITHIN_S[level]);
    const bytes = Object.values(SIZES).reduce((a, b) => a + b);
    const times = `median ${median(booted).toFixed(1)} s, the last after ${Math.max(...booted).toFixed(1)} s`;
    return {
      id: 'boots',
      claim: `Machines of every kind boot whole, ${scenario.name} (${bytes / 1000} kB by HTTP)`,
      figure: [
        `${booted.length} of ${machines.length}, ${times}`,
        ...(anew > 0 ? [`${anew} switched on again`] : []),
        ...failed,
      ].join('; '),
      bound: 'all',
      holds: booted.length === machines.length,
    };
  } finally {
    await fleet?.stop();
    await appliance.stop();
  }
}

interface Boots {
  /** Seconds until each of them had booted. */
  readonly booted: readonly number[];
  readonly failed: readonly string[];
  /** Times that one was switched on again. */
  readonly anew: number;
}

async function bootAll(fleet: Fleet, machines: readonly MachinePlan[], within: number): Promise<Boots> {
  const begun = Date.now();
  const booted: number[] = [];
  let left = machines;
  let anew = 0;
  for (let tries = 1; ; tries++) {
    const from = fleet.told.length;
    const waited = (Date.now() - begun) / 1000;
    const late = await fleet.boot(left, { seconds: within - waited }).then(
      () => [],
      (error: Error) => [error.message.split('\n')[0]!],
    );
    const ends = fleet.told.slice(from).filter((told) => told.what === 'end');
    for (const end of ends) if (end.booted) booted.push((end.at - begun) / 1000);
    left = left.filter(({ mac }) => !ends.some((end) => end.booted && end.mac === mac));
    const why = ends.flatMap((end) => (end.booted ? [] : [`${end.mac} ${end.stage}: ${end.why}`]));
    if (left.length === 0 || late.length > 0 || tries === MOST_TRIES)
      return { booted, failed: [...late, ...why], anew };
    anew += left.length;
  }
}
