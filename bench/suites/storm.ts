import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context, Level, Measurement, Player, Suite } from '../contract.ts';
import { CLIENT_ADAPTER } from '../field.ts';
import type { Result, Wanted } from '../load/storm.ts';
import { interleave, pick, type Runs } from '../rounds.ts';

/** In Debian's package ipxe. */
const LOADER = '/usr/lib/ipxe/undionly.kpxe';
const SCRIPT = '#!ipxe\nkernel storm-vmlinuz console=ttyS0\ninitrd storm-initrd.img\nboot\n';

/** Megabytes (2^20). */
const SIZES: Readonly<Record<Level, { machines: number; kernel: number; initrd: number; rounds: number }>> = {
  full: { machines: 1000, kernel: 10, initrd: 50, rounds: 3 },
  quick: { machines: 200, kernel: 10, initrd: 20, rounds: 1 },
  smoke: { machines: 20, kernel: 1, initrd: 2, rounds: 1 },
};

/** A rack that powers up, against ours and against what most people build. */
export const storm: Suite = {
  name: 'storm',
  async run(context) {
    const { machines, kernel, initrd, rounds } = SIZES[context.level];
    addLoader(context);
    context.images.file('storm-vmlinuz', kernel << 20);
    context.images.file('storm-initrd.img', initrd << 20);
    context.images.text('infrakit.ipxe', SCRIPT);
    const players = await context.start(['ours', 'dnsmasq + nginx'], {
      services: ['dhcp', 'tftp', 'http'],
      pool: { start: '10.16.0.0', count: 65_536 },
      boot: true,
    });
    let firstMachine = 0;
    const blow = ({ field }: Player, count: number) => {
      const order: Wanted = { adapter: CLIENT_ADAPTER, machines: count, firstMachine, loader: LOADER };
      firstMachine += count;
      return field.load<Result>('storm', order, 600);
    };
    const runs = await interleave(
      players,
      rounds,
      (player) => blow(player, machines),
      (player) => blow(player, 10),
    );
    return [measurement(runs, `${machines} machines, ${kernel + initrd} MiB each, all at once`)];
  },
};

function addLoader(context: Context): void {
  const path = join(context.images.folder, 'undionly.kpxe');
  copyFileSync(LOADER, path);
  chmodSync(path, 0o644);
}

function measurement(runs: Runs<Result>, work: string): Measurement {
  const remarks = [...runs.remarks];
  const wrong = [...runs.wrong];
  for (const [name, results] of Object.entries(runs.results)) {
    for (const result of results) {
      if (!result) continue;
      const { addressSeconds, loaderSeconds, medianSeconds, failed, given } = result;
      remarks.push(
        `${name}: last address after ${addressSeconds.toFixed(1)} s, last loader after ${loaderSeconds.toFixed(1)} s, half of the machines done after ${medianSeconds.toFixed(1)} s`,
      );
      if (failed.length > 0) (name === 'ours' ? wrong : remarks).push(`${name}: ${failed.join('; ')}`);
      if (given > 0) (name === 'ours' ? wrong : remarks).push(`${name}: ${given} machines never booted`);
    }
  }
  return {
    id: 'storm',
    work: `Storm: ${work}: until the last byte`,
    unit: 's',
    better: 'less',
    samples: pick(runs, ({ seconds }) => seconds),
    remarks,
    wrong,
  };
}
