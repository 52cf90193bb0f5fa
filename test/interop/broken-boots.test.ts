import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { StageName } from '../../src/journal/timeline/model.ts';
import { macOf } from '../lab/fleet/fleet.ts';
import type { Fault, Kind, MachinePlan } from '../lab/fleet/plan.ts';
import { requires } from '../lab/requires.ts';
import { BrokenNetwork, type Obstacles, RIVAL } from './broken-network.ts';

/** The longest wait of a diagnosis, and what comes before it. */
const PATIENCE_S = 200;

interface Broken {
  readonly kind: Kind;
  readonly fault?: Fault;
  /** What is in its way. */
  readonly obstacle?: keyof Obstacles;
  /** Of the diagnosis. */
  readonly code: string;
  readonly stage: StageName;
  readonly certainty: 'failed' | 'suspect';
  /** Facts that its words must name. */
  readonly says: readonly (string | RegExp)[];
}

/** Ways to break a boot, each met by a machine of its own on one network. */
const BROKEN = {
  'a UEFI machine for arm64, for which there is no loader': {
    kind: 'uefi',
    fault: { does: 'claims', architecture: 11 },
    code: 'no-loader',
    stage: 'loader',
    certainty: 'failed',
    says: ['snponly-arm64.efi', 'UEFI arm64'],
  },
  'a machine that takes no offer': {
    kind: 'bios',
    fault: { does: 'ignores-offers' },
    code: 'offer-not-taken',
    stage: 'address',
    certainty: 'suspect',
    says: [/took none/],
  },
  'a machine that another DHCP server wins': {
    kind: 'uefi',
    fault: { does: 'prefers', server: RIVAL },
    code: 'other-server-won',
    stage: 'address',
    certainty: 'failed',
    says: [RIVAL, 'MODE=proxy'],
  },
  'a firewall that drops TFTP': {
    kind: 'bios',
    obstacle: 'udp69',
    code: 'loader-never-asked',
    stage: 'loader',
    certainty: 'suspect',
    says: ['undionly.kpxe', 'UDP 69'],
  },
  'a network that loses large packets': {
    kind: 'bios',
    obstacle: 'large',
    code: 'loader-stalled',
    stage: 'loader',
    certainty: 'failed',
    says: ['undionly.kpxe', /MTU/, '1456'],
  },
  'a machine that asks for a loader by a wrong name': {
    kind: 'bios',
    fault: { does: 'misspells', stage: 'loader', file: 'undionly.kpx' },
    code: 'loader-missing',
    stage: 'loader',
    certainty: 'failed',
    says: ['undionly.kpx', 'undionly.kpxe'],
  },
  'a loader that is loaded and never comes back': {
    kind: 'uefi',
    fault: { does: 'falls-silent', after: 'loader' },
    code: 'loader-then-silence',
    stage: 'ipxe',
    certainty: 'suspect',
    says: ['snponly.efi', /Secure Boot/],
  },
  'a loader that makes the machine start over': {
    kind: 'uefi',
    fault: { does: 'starts-over', after: 'loader', times: 2 },
    code: 'loader-then-silence',
    stage: 'ipxe',
    certainty: 'failed',
    says: ['snponly.efi', /started over/],
  },
  'a firewall that drops HTTP': {
    kind: 'ipxe-rom',
    obstacle: 'tcp80',
    code: 'script-never-asked',
    stage: 'script',
    certainty: 'suspect',
    says: ['infrakit.ipxe', 'TCP 80'],
  },
  'a machine that hangs up in the kernel': {
    kind: 'ipxe-rom',
    fault: { does: 'hangs-up', during: 'kernel', bytes: 500_000 },
    code: 'download-broken',
    stage: 'kernel',
    certainty: 'failed',
    says: ['vmlinuz', /33\.6 MB/],
  },
  'an initrd that is not there': {
    kind: 'ipxe-rom',
    fault: { does: 'misspells', stage: 'initrd', file: 'initrd.im' },
    code: 'file-missing',
    stage: 'initrd',
    certainty: 'failed',
    says: ['initrd.im', 'initrd.img'],
  },
  'a kernel that is loaded and says nothing': {
    kind: 'ipxe-rom',
    fault: { does: 'falls-silent', after: 'initrd' },
    code: 'silence-after-kernel',
    stage: 'system',
    certainty: 'suspect',
    says: ['vmlinuz', 'initrd.img', /console=/, /RAM/],
  },
  'a kernel that panics and starts over': {
    kind: 'ipxe-rom',
    fault: { does: 'starts-over', after: 'initrd', times: 3 },
    code: 'restart-after-kernel',
    stage: 'system',
    certainty: 'failed',
    says: ['vmlinuz', 'initrd.img', /panic=0/],
  },
  'a machine that wants an address of another network': {
    kind: 'ipxe-rom',
    fault: { does: 'insists', address: '192.168.7.7', times: 6 },
    code: 'nak-loop',
    stage: 'ipxe',
    certainty: 'suspect',
    says: ['192.168.7.7', /NAK/],
  },
  'a machine whose address is taken': {
    kind: 'ipxe-rom',
    fault: { does: 'declines', times: 2 },
    code: 'address-declined',
    stage: 'ipxe',
    certainty: 'suspect',
    says: ['10.88.0.', 'arping'],
  },
} as const satisfies Record<string, Broken>;

const cases = Object.entries(BROKEN).map(([title, broken], number) => {
  const machine: MachinePlan = { mac: macOf(number, 3), hostName: `broken-${number}`, ...broken };
  return { title, machine, broken: broken as Broken };
});

const macsBehind = (obstacle: keyof Obstacles) =>
  cases.filter(({ broken }) => broken.obstacle === obstacle).map(({ machine }) => machine.mac);

const needs = requires(
  ...['root', 'netns', 'nft', 'curl', 'dnsmasq', 'ss'],
  ...['/usr/lib/ipxe/undionly.kpxe', '/usr/lib/ipxe/snponly.efi'],
);

/** Waits for the diagnosis, and holds it against what it must say. */
async function diagnosed(lab: BrokenNetwork, mac: string, broken: Omit<Broken, 'kind'>): Promise<void> {
  const machine = await lab.api.when(
    mac,
    ({ history }) => history.some(({ diagnosis }) => diagnosis?.code === broken.code),
    PATIENCE_S,
  );
  const attempt = machine?.history.find(({ diagnosis }) => diagnosis?.code === broken.code);
  const seen = machine?.history.map(({ outcome, stages, diagnosis }) => ({
    outcome,
    diagnosis,
    stages: stages.map(({ name, state }) => `${name} ${state}`).join(', '),
  }));
  assert.ok(
    attempt?.diagnosis,
    `${broken.code} expected, but there is ${JSON.stringify(seen, undefined, 1)}`,
  );
  const { stage, certainty, cause, remedy } = attempt.diagnosis;
  const words = `${cause} ${remedy}`;
  assert.deepEqual({ stage, certainty }, { stage: broken.stage, certainty: broken.certainty }, words);
  for (const fact of broken.says) {
    if (typeof fact === 'string') assert.ok(words.includes(fact), `${fact} is not in: ${words}`);
    else assert.match(words, fact);
  }
}

describe('boots that are broken', { ...needs, concurrency: true }, () => {
  let lab: BrokenNetwork;
  before(async () => {
    lab = new BrokenNetwork({ LEASE_COUNT: '60' });
    // More than the socket's buffers hold: what lies there is sent for all that http can tell.
    lab.addImages({ kernel: 32 << 20, initrd: 1 << 20 });
    lab.addLoader('undionly.kpxe');
    await lab.start();
    await lab.obstruct({
      udp69: macsBehind('udp69'),
      tcp80: macsBehind('tcp80'),
      large: macsBehind('large'),
    });
    const rivals = cases.find(({ broken }) => broken.fault?.does === 'prefers')!;
    await lab.addRival(rivals.machine.mac);
    lab.fleet.switchOn(cases.map(({ machine }) => machine));
  });
  after(() => lab?.stop());

  for (const { title, machine, broken } of cases) {
    test(`${title}: ${broken.code}`, () => diagnosed(lab, machine.mac, broken));
  }
});

describe('boots that the appliance’s own files and settings break', needs, () => {
  let lab: BrokenNetwork;
  before(async () => {
    lab = new BrokenNetwork();
    lab.addImages({ kernel: 2 << 20, initrd: 1 << 20 });
  });
  after(() => lab?.stop());

  const boot = async (number: number): Promise<string> => {
    const mac = macOf(number, 4);
    lab.fleet.switchOn([{ mac, kind: 'ipxe-rom', hostName: 'broken' }]);
    return mac;
  };

  test('a pool that is used up', async () => {
    await lab.start({ LEASE_COUNT: '1' });
    const first: MachinePlan = { mac: macOf(0, 4), kind: 'ipxe-rom', hostName: 'first' };
    assert.equal((await lab.fleet.boot([first]))[0]!.booted, true);
    await diagnosed(lab, await boot(1), {
      code: 'pool-used-up',
      stage: 'ipxe',
      certainty: 'failed',
      says: ['LEASE_COUNT'],
    });
  });

  test('KERNEL names a file that is not there', async () => {
    await lab.start({ KERNEL: 'vmlinuz-6.1' });
    await diagnosed(lab, await boot(2), {
      code: 'nothing-to-boot',
      stage: 'script',
      certainty: 'suspect',
      says: ['vmlinuz-6.1', 'KERNEL'],
    });
  });

  test('a script edited by hand names a kernel that is not there', async () => {
    await lab.start();
    await lab.editScript((script) => script.replace(/^kernel vmlinuz /m, 'kernel vmlinux '));
    await diagnosed(lab, await boot(3), {
      code: 'file-missing',
      stage: 'kernel',
      certainty: 'failed',
      says: ['vmlinux', 'vmlinuz'],
    });
  });
});
