import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AttemptInFull, Machine, StageName, StageState } from '../../src/journal/timeline/model.ts';
import { macOf } from '../lab/fleet/fleet.ts';
import { FleetLab } from '../lab/fleet/fleet-lab.ts';
import type { Kind, MachinePlan } from '../lab/fleet/plan.ts';
import { requires } from '../lab/requires.ts';

type Name = 'dhcp' | 'tftp' | 'http';

const ORDERS: readonly (readonly Name[])[] = [
  ['dhcp', 'tftp', 'http'],
  ['dhcp', 'http', 'tftp'],
  ['tftp', 'dhcp', 'http'],
  ['tftp', 'http', 'dhcp'],
  ['http', 'dhcp', 'tftp'],
  ['http', 'tftp', 'dhcp'],
];

const SIZES = { kernel: 20 << 20, initrd: 1 << 20 };

describe('timelines while services come and go', {
  ...requires('root', 'netns', 'nft', 'curl', '/usr/lib/ipxe/undionly.kpxe'),
}, () => {
  let lab: FleetLab;
  let made = 0;
  before(async () => {
    lab = new FleetLab();
    lab.addImages(SIZES);
    await lab.start();
  });
  after(() => lab?.stop());

  const plan = (kind: Kind, also: Partial<MachinePlan> = {}): MachinePlan => {
    const number = ++made;
    return { mac: macOf(number, 5), kind, hostName: `machine-${number}`, ...also };
  };
  const end = (name: Name, signal: NodeJS.Signals = 'SIGTERM') => lab.appliance.service(name).stop(signal);
  const begin = async (name: Name) => {
    lab.appliance.begin(name);
    await lab.appliance.serving(name);
  };
  /** Switches it on, and resolves when it stands still where it is held. */
  const heldAt = async (machine: MachinePlan): Promise<void> => {
    lab.fleet.switchOn([machine]);
    await lab.fleet.until(
      (told) => told.what === 'stage' && told.mac === machine.mac && told.stage === machine.hold,
    );
  };
  const goesOn = async (machine: MachinePlan) => {
    lab.fleet.release(machine.mac);
    return (await lab.fleet.ended([machine]))[0]!;
  };
  const statesOf = ({ stages }: Pick<AttemptInFull, 'stages'>) =>
    Object.fromEntries(stages.map(({ name, state }) => [name, state])) as Record<StageName, StageState>;
  /** Its one attempt, once that is so. */
  const attemptOf = async (
    mac: string,
    isSo: (attempt: AttemptInFull) => boolean,
    seconds = 30,
  ): Promise<AttemptInFull> => {
    const machine = await lab.api.when(
      mac,
      ({ history }) => history[0] !== undefined && isSo(history[0]),
      seconds,
    );
    assert.equal(machine?.history.length, 1, `${mac} tried once`);
    const attempt = machine.history[0]!;
    assert.ok(isSo(attempt), JSON.stringify(attempt, undefined, 1));
    return attempt;
  };
  /** Its system has asked for an address, and has it. */
  const isBooted = ({ outcome, stages }: AttemptInFull) =>
    outcome === 'booted' && stages.at(-1)?.note !== undefined;

  const WHOLE: Record<StageName, StageState> = {
    address: 'done',
    loader: 'done',
    ipxe: 'done',
    script: 'done',
    kernel: 'done',
    initrd: 'done',
    system: 'done',
  };

  for (const order of ORDERS) {
    test(`boots before a restart as ${order.join(', ')} stay as they were, and those after it are whole`, async () => {
      const early = plan('bios');
      assert.equal((await lab.fleet.boot([early]))[0]!.booted, true);
      const whole = await attemptOf(early.mac, isBooted);
      for (const name of order.toReversed()) await end(name);
      for (const name of order) await begin(name);
      assert.deepEqual(await attemptOf(early.mac, isBooted), whole);
      const late = plan('bios');
      assert.equal((await lab.fleet.boot([late]))[0]!.booted, true);
      const attempt = await attemptOf(late.mac, isBooted);
      assert.deepEqual(statesOf(attempt), WHOLE);
      assert.equal(attempt.diagnosis, undefined);
    });
  }

  test('without tftp a machine that needs no loader boots, and nothing is missing from its timeline', async () => {
    await end('tftp');
    const machine = plan('ipxe-rom');
    assert.equal((await lab.fleet.boot([machine]))[0]!.booted, true);
    const attempt = await attemptOf(machine.mac, isBooted);
    assert.deepEqual(statesOf(attempt), { ...WHOLE, address: 'skipped', loader: 'skipped' });
    await begin('tftp');
  });

  test('without tftp nobody says that a machine did not ask for its loader', async () => {
    await end('tftp');
    const machine = plan('bios');
    const ended = await lab.fleet.boot([machine]);
    assert.equal(ended[0]!.stage, 'loader');
    const attempt = await attemptOf(machine.mac, (one) => statesOf(one).loader === 'unknown');
    assert.equal(statesOf(attempt).address, 'done');
    assert.notEqual(attempt.outcome, 'failed');
    assert.notEqual(attempt.diagnosis?.certainty, 'failed');
    await begin('tftp');
  });

  test('tftp killed and back while a machine is at its loader: what it did then is not known, the rest is', async () => {
    const machine = plan('bios', { hold: 'loader' });
    await heldAt(machine);
    await end('tftp', 'SIGKILL');
    assert.equal((await goesOn(machine)).booted, true);
    await begin('tftp');
    // Its last words may have been lost with it.
    const isToldRight = (one: AttemptInFull) => ['done', 'unknown'].includes(statesOf(one).loader);
    const attempt = await attemptOf(machine.mac, (one) => isBooted(one) && isToldRight(one));
    assert.deepEqual({ ...statesOf(attempt), loader: 'done' }, WHOLE);
    assert.equal(attempt.diagnosis, undefined);
  });

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test(`http ended with ${signal} between script and kernel, and back: the boot is whole`, async () => {
      const machine = plan('bios', { hold: 'script' });
      await heldAt(machine);
      // What was heard of the script is on disk.
      await attemptOf(machine.mac, (one) => statesOf(one).script === 'done');
      await end('http', signal);
      await begin('http');
      assert.equal((await goesOn(machine)).booted, true);
      const attempt = await attemptOf(machine.mac, isBooted);
      assert.deepEqual(statesOf(attempt), WHOLE);
      assert.equal(attempt.diagnosis, undefined);
    });
  }

  test('a kernel that was on its way when http was killed is neither done nor failed', async () => {
    const machine = plan('ipxe-rom', { fault: { does: 'stalls', during: 'kernel', bytes: 1_000_000 } });
    lab.fleet.switchOn([machine]);
    await attemptOf(machine.mac, (one) => statesOf(one).kernel === 'running');
    await end('http', 'SIGKILL');
    await begin('http');
    const attempt = await attemptOf(machine.mac, (one) => statesOf(one).kernel !== 'running');
    assert.equal(statesOf(attempt).kernel, 'unknown');
    const kernel = attempt.stages.find(({ name }) => name === 'kernel')!;
    assert.deepEqual(
      kernel.transfers.map(({ file, state }) => ({ file, state })),
      [{ file: 'vmlinuz', state: 'unknown' }],
    );
    assert.notEqual(attempt.outcome, 'failed');
    assert.notEqual(attempt.diagnosis?.certainty, 'failed');
  });

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test(`dhcp ended with ${signal} while the loader runs, and back before iPXE gives up: the boot is whole`, async () => {
      const machine = plan('bios', { hold: 'loader' });
      await heldAt(machine);
      await attemptOf(machine.mac, (one) => statesOf(one).loader === 'done');
      await end('dhcp', signal);
      lab.fleet.release(machine.mac);
      await begin('dhcp');
      assert.equal((await lab.fleet.ended([machine]))[0]!.booted, true);
      const attempt = await attemptOf(machine.mac, isBooted);
      assert.deepEqual(statesOf(attempt), WHOLE);
      assert.equal(attempt.diagnosis, undefined);
    });
  }

  test('a system that asks while dhcp is dead: whether it came up is not known, also when dhcp is back', async () => {
    const machine = plan('ipxe-rom', { hold: 'initrd' });
    await heldAt(machine);
    await attemptOf(machine.mac, (one) => statesOf(one).initrd === 'done');
    await end('dhcp', 'SIGKILL');
    const ended = await goesOn(machine);
    assert.deepEqual({ booted: ended.booted, stage: ended.stage }, { booted: false, stage: 'system' });
    const isUnknown = (one: AttemptInFull) => statesOf(one).system === 'unknown';
    const attempt = await attemptOf(machine.mac, isUnknown);
    assert.notEqual(attempt.outcome, 'failed');
    assert.notEqual(attempt.diagnosis?.certainty, 'failed');
    await begin('dhcp');
    await lab.appliance.service('dhcp').log.until(/leases known/);
    const other = plan('ipxe-rom');
    assert.equal((await lab.fleet.boot([other]))[0]!.booted, true);
    await attemptOf(other.mac, isBooted);
    assert.ok(isUnknown(await attemptOf(machine.mac, isUnknown)));
  });

  test('all of them killed at once: what had been seen is still there, and no boot that was under way has failed', async () => {
    const machine = plan('bios', { hold: 'kernel' });
    await heldAt(machine);
    const before = await attemptOf(machine.mac, (one) => statesOf(one).kernel === 'done');
    await Promise.all((['dhcp', 'tftp', 'http'] as const).map((name) => end(name, 'SIGKILL')));
    for (const name of ['http', 'tftp', 'dhcp'] as const) await begin(name);
    const back = await attemptOf(machine.mac, (one) => statesOf(one).kernel === 'done');
    assert.deepEqual(back.steps, before.steps);
    assert.notEqual(back.outcome, 'failed');
    assert.equal((await goesOn(machine)).booted, true);
    assert.deepEqual(statesOf(await attemptOf(machine.mac, isBooted)), WHOLE);
  });

  test('after all that, every boot that was whole still is', async () => {
    const machines = await lab.api.machines();
    const whole = [...machines.values()].filter(({ attempt }) => attempt?.outcome === 'booted');
    assert.ok(whole.length >= 2 * ORDERS.length);
    for (const { mac } of whole) {
      const { history }: Machine = await lab.api.machine(mac);
      assert.equal(history[0]!.diagnosis, undefined, mac);
    }
  });
});
