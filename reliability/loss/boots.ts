import { copyFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { bzImage, cpio } from '../../test/assets/headers.ts';
import { Appliance, SERVER } from '../../test/lab/appliance.ts';
import { Fleet, macOf } from '../../test/lab/fleet/fleet.ts';
import type { Kind } from '../../test/lab/fleet/plan.ts';
import type { Context, Finding } from '../contract.ts';
import { connectBadly } from './cable.ts';
import { median } from './compare.ts';
import type { Scenario } from './scenarios.ts';

const LOADERS = ['/usr/lib/ipxe/undionly.kpxe', '/usr/lib/ipxe/snponly.efi'];
const KINDS: readonly Kind[] = ['bios', 'uefi', 'uefi-http', 'ipxe-rom'];
const EACH = { full: 4, short: 1 };
const WITHIN_S = { full: 80, short: 45 };
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
    const begun = Date.now();
    const ends = await fleet.boot(machines, { seconds: WITHIN_S[level] });
    const booted = ends.filter((end) => end.booted);
    const failed = ends.filter((end) => !end.booted).map(({ mac, stage, why }) => `${mac} ${stage}: ${why}`);
    const seconds = booted.map(({ at }) => (at - begun) / 1000);
    return {
      id: 'boots',
      claim: `Machines of every kind boot whole, ${scenario.name} (${Object.values(SIZES).reduce((a, b) => a + b) / 1000} kB by HTTP)`,
      figure: [
        `${booted.length} of ${ends.length}, median ${median(seconds).toFixed(1)} s, the last after ${Math.max(...seconds).toFixed(1)} s`,
        ...failed,
      ].join('; '),
      bound: 'all',
      holds: failed.length === 0,
    };
  } finally {
    await fleet?.stop();
    await appliance.stop();
  }
}
