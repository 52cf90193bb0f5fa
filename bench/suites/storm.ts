import type { Level, Measurement, Player, Suite } from '../contract.ts';
import { CLIENT_ADAPTER } from '../field.ts';
import type { Result, Wanted } from '../load/storm.ts';
import { interleave, pick, type Runs } from '../rounds.ts';

/** In Debian's package ipxe. */
const LOADER = '/usr/lib/ipxe/undionly.kpxe';
const SCRIPT = '#!ipxe\nkernel storm-vmlinuz console=ttyS0\ninitrd storm-initrd.img\nboot\n';

/**
 * dnsmasq does not remember what it has offered, and takes offers back from machines whose hardware addresses are of one hash. In a pool of
 * this size neighbours have different ones; in one of 65,536 it sends 30 NAKs for every machine.
 */
const POOL = 60_000;

/** Megabytes (2^20). */
const SIZES: Readonly<Record<Level, { machines: number; kernel: number; initrd: number }>> = {
  full: { machines: 1000, kernel: 10, initrd: 50 },
  quick: { machines: 200, kernel: 10, initrd: 20 },
  smoke: { machines: 20, kernel: 1, initrd: 2 },
};

/** A rack that powers up, against ours and against what most people build. */
export const storm: Suite = {
  name: 'storm',
  async run(context) {
    const { machines, kernel, initrd } = SIZES[context.level];
    context.images.copy(LOADER);
    context.images.file('storm-vmlinuz', kernel << 20);
    context.images.file('storm-initrd.img', initrd << 20);
    context.images.text('infrakit.ipxe', SCRIPT);
    const players = await context.start(['ours', 'dnsmasq + nginx'], {
      services: ['dhcp', 'tftp', 'http'],
      pool: { start: '10.16.0.0', count: POOL },
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
      Math.min(context.rounds, 3),
      (player) => blow(player, machines),
      (player) => blow(player, 10),
    );
    return [measurement(runs, `${machines} machines, ${kernel + initrd} MiB each, all at once`)];
  },
};

function measurement(runs: Runs<Result>, work: string): Measurement {
  const told = Object.entries(runs.results).flatMap(([name, results]) =>
    results.flatMap((result) =>
      result ? tell(result).map((text) => ({ name, text: `${name}: ${text}` })) : [],
    ),
  );
  const failures = Object.entries(runs.results).flatMap(([name, results]) =>
    results.flatMap((result) =>
      result ? problems(result).map((text) => ({ name, text: `${name}: ${text}` })) : [],
    ),
  );
  const texts = (ours: boolean) =>
    failures.filter(({ name }) => (name === 'ours') === ours).map(({ text }) => text);
  return {
    id: 'storm',
    work: `Storm: ${work}: until the last byte`,
    unit: 's',
    better: 'less',
    samples: pick(runs, ({ seconds }) => seconds),
    remarks: [...runs.remarks, ...told.map(({ text }) => text), ...texts(false)],
    wrong: [...runs.wrong, ...texts(true)],
  };
}

function tell({ addressSeconds, loaderSeconds, medianSeconds, busy, takenBack }: Result): string[] {
  const [address, loader, half] = [addressSeconds, loaderSeconds, medianSeconds].map((s) => s.toFixed(1));
  return [
    `last address after ${address} s, last loader after ${loader} s, half of the machines done after ${half} s; the load's core was busy for ${(100 * busy).toFixed(0)} %`,
    ...(takenBack > 0 ? [`${takenBack} offers were taken back with a NAK, and asked for again`] : []),
  ];
}

function problems({ failed, given }: Result): string[] {
  return [
    ...(failed.length > 0 ? [`boots that failed: ${failed.join('; ')}`] : []),
    ...(given > 0 ? [`${given} machines never booted`] : []),
  ];
}
