import type { Firmware } from '../../test/lab/firmware.ts';
import { BOOT_FAILED, Guest } from '../../test/lab/guest.ts';
import { addGuestSystem } from '../../test/lab/guest-system.ts';
import type { Context, Level, Measurement, Player, Players, Suite } from '../contract.ts';
import { interleave, pick, type Runs } from '../rounds.ts';
import { spreadOf } from '../statistics.ts';

/** In Debian's package ipxe: for BIOS and UEFI machines. */
const LOADERS = ['/usr/lib/ipxe/undionly.kpxe', '/usr/lib/ipxe/snponly.efi'];
const SCRIPT = '#!ipxe\nkernel vmlinuz initrd=initrd.img console=ttyS0\ninitrd initrd.img\nboot\n';
const PATIENCE_S = 120;

const NAMES: Partial<Record<Firmware, string>> = {
  'plain-rom': 'BIOS, PXE ROM → undionly.kpxe',
  'ipxe-rom': 'BIOS, iPXE in the card',
  uefi: 'UEFI x64, PXE → snponly.efi',
};
const MACHINES: Readonly<Record<Level, readonly Firmware[]>> = {
  full: ['plain-rom', 'uefi'],
  quick: ['plain-rom'],
  smoke: ['ipxe-rom'],
};
const ROUNDS: Readonly<Record<Level, number>> = { full: 5, quick: 1, smoke: 1 };

/** What the console shows at the end of each stage, in order. */
const STAGES = {
  script: /infrakit\.ipxe\.\.\. ok/,
  kernel: /vmlinuz\.\.\..* ok/,
  initrd: /initrd\.img\.\.\..* ok/,
  Linux: /BOOTLAB-OK/,
} as const;
type Stage = keyof typeof STAGES;
/** Seconds from power-on. */
type Times = Readonly<Record<Stage, number>>;

/** One virtual machine boots, alone; most of its time is firmware and Linux under an emulated processor. */
export const boot: Suite = {
  name: 'boot',
  async run(context) {
    for (const loader of LOADERS) context.images.copy(loader);
    addGuestSystem(context.images.folder);
    context.images.text('infrakit.ipxe', SCRIPT);
    const players = await context.start(['ours', 'dnsmasq + nginx'], {
      services: ['dhcp', 'tftp', 'http'],
      boot: true,
    });
    for (const { field } of players) field.makeSwitch();
    const measurements: Measurement[] = [];
    for (const firmware of MACHINES[context.level])
      measurements.push(await bootBy(context, players, firmware));
    return measurements;
  },
};

async function bootBy(context: Context, players: Players, firmware: Firmware): Promise<Measurement> {
  context.log(`  Boot: ${NAMES[firmware]}`);
  const rounds = Math.min(context.rounds, ROUNDS[context.level]);
  const runs = await interleave(players, rounds, (player, round) => bootOnce(player, firmware, round));
  return {
    id: `boot-${firmware}`,
    work: `Boot: ${NAMES[firmware]}: power-on to Linux' first program`,
    unit: 's',
    better: 'less',
    samples: pick(runs, ({ Linux }) => Linux),
    remarks: [...runs.remarks, ...stages(runs)],
    wrong: runs.wrong,
  };
}

async function bootOnce({ field }: Player, firmware: Firmware, round: number): Promise<Times> {
  const mac = `52:54:02:00:00:${(round + 1).toString(16).padStart(2, '0')}`;
  const guest = new Guest({ firmware, mac, host: field.client, bridge: 'br0' });
  const times: Partial<Record<Stage, number>> = {};
  const begun = performance.now();
  await guest.start();
  try {
    for (const [stage, pattern] of Object.entries(STAGES)) {
      await guest.console.until(pattern, { seconds: PATIENCE_S, fail: BOOT_FAILED });
      times[stage as Stage] = (performance.now() - begun) / 1000;
    }
    return times as Times;
  } finally {
    await guest.stop();
  }
}

/** Median times of the stages. */
function stages({ results }: Runs<Times>): string[] {
  const median = (times: readonly (Times | null)[], stage: Stage) =>
    spreadOf(times.map((one) => one?.[stage] ?? null))?.median.toFixed(2);
  return Object.entries(results).map(([name, times]) => {
    const told = Object.keys(STAGES).map((stage) => `${stage} ${median(times, stage as Stage)} s`);
    return `${name}: ${told.join(', ')}`;
  });
}
