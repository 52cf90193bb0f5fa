import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type AttemptInFull,
  type Machine,
  type MachineSummary,
  STAGES,
  type StageName,
} from '../../src/journal/timeline/model.ts';
import type { Following } from '../lab/fleet/api.ts';
import { type End, macOf } from '../lab/fleet/fleet.ts';
import { FleetLab } from '../lab/fleet/fleet-lab.ts';
import type { Kind, MachinePlan, Told } from '../lab/fleet/plan.ts';
import { requires } from '../lab/requires.ts';

const MACHINES = 200;
const KINDS: readonly Kind[] = ['bios', 'uefi', 'uefi-http', 'ipxe-rom'];
const LOADER: Partial<Record<Kind, string>> = {
  bios: 'undionly.kpxe',
  uefi: 'snponly.efi',
  'uefi-http': 'snponly.efi',
};
const SIZES = { kernel: 2_345_678, initrd: 3_456_789 };
/** The service tells its journal what it did within this time of doing it. */
const LATE_MS = 5000;
/** Longer than any host takes to show a page what has happened, while 200 machines boot. */
const SEEN_WITHIN_S = 120;
/** When all are up, the API knows all of it. */
const TOLD_WITHIN_MS = 30_000;

/** Each machine waits after one of these until the page has seen it there, however long a busy host takes to tell. */
const HELD: Record<Kind, readonly StageName[]> = {
  bios: ['address', 'loader', 'ipxe', 'script', 'kernel'],
  uefi: ['address', 'loader', 'ipxe', 'script', 'kernel'],
  'uefi-http': ['address', 'loader', 'ipxe', 'script', 'kernel'],
  'ipxe-rom': ['ipxe', 'script', 'kernel'],
};

const machines = Array.from({ length: MACHINES }, (_, number) => {
  const kind = KINDS[number % KINDS.length]!;
  const held = HELD[kind];
  const hold = held[Math.floor(number / KINDS.length) % held.length]!;
  return { mac: macOf(number), kind, hostName: `machine-${number}`, pause: 300, hold } satisfies MachinePlan;
});

/** It has come through the stage after which it is held, and no further. */
function isAt({ attempt }: MachineSummary, hold: StageName): boolean {
  const next = STAGES[STAGES.indexOf(hold) + 1];
  const stateOf = (stage: StageName | undefined) => attempt?.stages.find(({ name }) => name === stage)?.state;
  return stateOf(hold) === 'done' && stateOf(next) !== 'done';
}

/** The files that a machine of that kind loads, as URL or TFTP name them, by stage. */
function filesOf(kind: Kind): [StageName, string][] {
  const loader = LOADER[kind];
  return [
    ...(loader ? [['loader', loader] satisfies [StageName, string]] : []),
    ['script', 'infrakit.ipxe'],
    ['kernel', 'vmlinuz'],
    ['initrd', 'initrd.img'],
  ];
}

/** Its system has asked for an address, and has it. */
const isUp = (machine: MachineSummary | undefined) =>
  machine?.attempt?.outcome === 'booted' && machine.attempt.stages.at(-1)?.note !== undefined;

const isOf =
  <W extends Told['what']>(mac: string, what: W) =>
  (told: Told): told is Told & { what: W } =>
    told.what === what && 'mac' in told && told.mac === mac;

describe(`${MACHINES} machines that boot at once`, {
  ...requires('root', 'netns', 'nft', 'curl', '/usr/lib/ipxe/undionly.kpxe', '/usr/lib/ipxe/snponly.efi'),
}, () => {
  let lab: FleetLab;
  let page: Following;
  let ends: End[];
  let histories: Map<string, Machine>;

  before(async () => {
    lab = new FleetLab();
    lab.addImages(SIZES);
    await lab.start();
    page = await lab.api.follow();
    [ends] = await Promise.all([lab.fleet.boot(machines, { hash: true, seconds: 240 }), releaseSeen()]);
    histories = new Map();
    const deadline = performance.now() + TOLD_WITHIN_MS;
    for (const { mac } of machines) {
      const seconds = (deadline - performance.now()) / 1000;
      const machine = await lab.api.when(mac, isUp, seconds);
      if (machine) histories.set(mac, machine);
    }
    for (const { mac } of machines) {
      await page.until(() => isUp(page.of(mac).at(-1)), (deadline - performance.now()) / 1000);
    }
  });
  after(() => lab?.stop());

  /** Lets each machine go on when the page has seen it where it is held; after a time all, for the tests to say which were not seen. */
  async function releaseSeen(): Promise<void> {
    const unseen = new Map(machines.map(({ mac, hold }) => [mac, hold]));
    let at = 0;
    const look = () => {
      for (const { event, data } of page.heard.slice(at)) {
        at++;
        const hold = event === 'machine' ? unseen.get(data.mac) : undefined;
        if (event !== 'machine' || !hold || !isAt(data, hold)) continue;
        unseen.delete(data.mac);
        lab.fleet.release(data.mac);
      }
      return unseen.size === 0;
    };
    await page.until(look, SEEN_WITHIN_S);
    for (const mac of unseen.keys()) lab.fleet.release(mac);
  }

  const attemptOf = (mac: string): AttemptInFull => {
    const machine = histories.get(mac);
    assert.ok(machine, `the API knows ${mac}`);
    assert.equal(machine.history.length, 1, `${mac} tried once`);
    return machine.history[0]!;
  };

  test('all boot, and every byte of every file is right', () => {
    assert.deepEqual(
      ends.filter(({ booted }) => !booted),
      [],
    );
    const addresses = new Set(ends.map(({ address }) => address));
    assert.equal(addresses.size, MACHINES, 'each has an address of its own');
    for (const { mac, kind } of machines) {
      const files = lab.fleet.told.filter(isOf(mac, 'file'));
      assert.deepEqual(
        files.map(({ stage, name, bytes, sha256 }) => ({ stage, name, bytes, sha256 })),
        filesOf(kind).map(([stage, name]) => ({ stage, name, ...lab.served(name) })),
        mac,
      );
    }
  });

  test('each machine’s timeline is complete: every stage of its way is done, and nothing is diagnosed', () => {
    for (const { mac, kind } of machines) {
      const attempt = attemptOf(mac);
      assert.equal(attempt.outcome, 'booted', mac);
      assert.equal(attempt.diagnosis, undefined, mac);
      const wanted = STAGES.map((name) => {
        const skipped = kind === 'ipxe-rom' && (name === 'address' || name === 'loader');
        return `${name} ${skipped ? 'skipped' : 'done'}`;
      });
      assert.deepEqual(
        attempt.stages.map(({ name, state }) => `${name} ${state}`),
        wanted,
        mac,
      );
    }
  });

  test('each machine is told by its MAC, with its own name, address, firmware and architecture', () => {
    const firmware = { bios: 'pxe', uefi: 'pxe', 'uefi-http': 'http', 'ipxe-rom': 'ipxe' } as const;
    const architecture = { bios: 0, uefi: 7, 'uefi-http': 16, 'ipxe-rom': 0 } as const;
    machines.forEach(({ mac, kind, hostName }, number) => {
      const attempt = attemptOf(mac);
      const machine = histories.get(mac)!;
      assert.equal(machine.hostName, hostName, mac);
      assert.equal(machine.address, ends[number]!.address, mac);
      assert.equal(attempt.address, ends[number]!.address, mac);
      assert.equal(attempt.firmware, firmware[kind], mac);
      assert.equal(attempt.architecture?.code, architecture[kind], mac);
    });
  });

  test('each transfer of a timeline has the size of its file, all of it sent', () => {
    for (const { mac, kind } of machines) {
      for (const [stage, name] of filesOf(kind).filter(([stage]) => stage !== 'script')) {
        const { transfers, bytes, size } = attemptOf(mac).stages.find((one) => one.name === stage)!;
        const wanted = lab.served(name).bytes;
        assert.deepEqual(
          transfers
            .filter(({ state }) => state === 'done')
            .map(({ file, bytes, size }) => ({ file, bytes, size })),
          [{ file: name, bytes: wanted, size: wanted }],
          `${mac} ${stage}`,
        );
        assert.deepEqual({ bytes, size }, { bytes: wanted, size: wanted }, `${mac} ${stage}`);
      }
    }
  });

  test('each stage began when the machine was there: after the one before it, before it was over', () => {
    for (const { mac } of machines) {
      const told = lab.fleet.told.filter(isOf(mac, 'stage'));
      told.forEach(({ stage, at }, number) => {
        const { from, to } = attemptOf(mac).stages.find(({ name }) => name === stage)!;
        const about = `${mac} ${stage}`;
        assert.ok(from !== undefined && to !== undefined && from <= to, about);
        assert.ok(from >= (told[number - 1]?.at ?? 0), `${about} began before the stage before it was over`);
        assert.ok(from <= at + LATE_MS && to <= at + LATE_MS, `${about} ended long after the machine had it`);
      });
      const attempt = attemptOf(mac);
      const last = told.at(-1)!;
      assert.ok(attempt.duration! > 0 && attempt.duration! <= last.at - attempt.from + LATE_MS, mac);
    }
  });

  test('the list has the same, each machine once', async () => {
    const listed = await lab.api.machines();
    assert.deepEqual([...listed.keys()].sort(), machines.map(({ mac }) => mac).sort());
    for (const { mac } of machines) {
      const { attempt, attempts, lastBoot } = listed.get(mac)!;
      const { steps: _, stepsLeftOut: __, ...shown } = attemptOf(mac);
      assert.equal(attempts, 1, mac);
      assert.deepEqual(attempt, shown, mac);
      assert.deepEqual(lastBoot, { at: shown.from, duration: shown.duration }, mac);
    }
  });

  test('a page that listened saw each machine where it was, never going back, and booted in the end', () => {
    const done = ({ attempt }: MachineSummary) =>
      attempt!.stages.filter(({ state }) => state === 'done' || state === 'skipped').length;
    const greetings = page.heard.filter(({ event }) => event === 'hello').length;
    for (const { mac, hold } of machines) {
      const seen = page.of(mac);
      assert.ok(
        seen.some((machine) => isAt(machine, hold)),
        `${mac} was seen after ${hold}, not only at ${JSON.stringify(seen.map(done))} stages; greeted ${greetings} times`,
      );
      assert.deepEqual(
        seen.map(done),
        seen.map(done).toSorted((a, b) => a - b),
        mac,
      );
      assert.equal(seen.at(-1)?.attempt?.outcome, 'booted', mac);
    }
  });
});
