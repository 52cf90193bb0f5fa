import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import type { Coverage } from '../../../src/journal/coverage.ts';
import type { Recorded } from '../../../src/journal/recorded.ts';
import { type Machine, STAGES, type StageName } from '../../../src/journal/timeline/model.ts';
import { Timelines } from '../../../src/journal/timeline/timelines.ts';
import { HttpSide } from '../diagnosis/http-side.ts';
import { BIOS, IPXE, MAC, Scene, SYSTEM, UEFI } from '../diagnosis/rig.ts';

/** Real boots of two machines, one after the other in time and mixed by it: the events as the services told them. */
let boots: readonly Recorded[];
let coverage: Coverage;

before(async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene);
  const second = { mac: '52:54:00:00:00:02' };
  const address = scene.lease(BIOS);
  const other = scene.lease(UEFI, second);
  await scene.tftp.load(address, 'undionly.kpxe');
  await scene.tftp.probe(other, 'snponly.efi');
  await scene.tftp.load(other, 'snponly.efi');
  scene.wait(2).lease(IPXE);
  scene.lease(IPXE, second);
  await http.fetch(address, '/infrakit.ipxe', '/vmlinuz', '/initrd.img');
  await http.fetch(other, '/infrakit.ipxe', '/vmlinux');
  scene.wait(4).lease(SYSTEM);
  scene.wait(30).discover(UEFI, second);
  boots = scene.recorded;
  coverage = scene.coverage;
});

/** Which events prove that a stage is done. */
const PROOFS: Record<StageName, RegExp> = {
  address: /^dhcp\.ack (pxe|http)/,
  loader: /^tftp\.(done|timeout) \S+\.(kpxe|efi)|^http\.asset\.done \S+\.efi/,
  ipxe: /^dhcp\.ack ipxe/,
  script: /^http\.script/,
  kernel: /^http\.asset\.done/,
  initrd: /^http\.asset\.done/,
  system: /^dhcp\.(discover|request) other/,
};

function named({ event }: Recorded): string {
  const firmware = 'client' in event ? event.client.firmware : '';
  const file = 'file' in event ? event.file : 'name' in event ? event.name : '';
  return `${event.kind} ${firmware}${file}`;
}

function assertHonest(machine: Machine, events: readonly Recorded[]): void {
  const names = events.map(named);
  for (const { stages, from, to, outcome, duration, diagnosis } of machine.history) {
    assert.deepEqual(
      stages.map(({ name }) => name),
      STAGES,
    );
    assert.ok(from <= to);
    const reached = stages.findLastIndex((stage) => stage.from !== undefined);
    for (const [index, { name, state, ...stage }] of stages.entries()) {
      if (state === 'done')
        assert.ok(
          names.some((one) => PROOFS[name].test(one)),
          `${name} done without its event`,
        );
      if (index < reached) assert.notEqual(state, 'waiting', name);
      assert.ok(stage.from === undefined || stage.from >= from, `${name} before the attempt`);
      if (stage.from !== undefined && stage.to !== undefined)
        assert.ok(stage.from <= stage.to, `${name} runs backwards`);
      for (const { bytes, size } of stage.transfers)
        assert.ok(bytes >= 0 && (size === undefined || bytes <= size));
    }
    if (outcome === 'booted') assert.ok(names.some((one) => PROOFS.kernel.test(one)));
    assert.equal(duration !== undefined, outcome === 'booted' || outcome === 'loaded');
    if (duration !== undefined) assert.ok(duration >= 0);
    if (outcome === 'failed') assert.equal(diagnosis?.certainty, 'failed');
  }
}

function told(events: readonly Recorded[], judgeEvery: number): Timelines {
  const timelines = new Timelines();
  for (const [index, recorded] of events.entries()) {
    timelines.take(recorded);
    if (index % judgeEvery === 0) timelines.judge(recorded.at, coverage);
  }
  timelines.judge(boots.at(-1)!.at + 1000, coverage);
  return timelines;
}

/** What may become of a journal on its way: events lost, told twice, late. */
const damaged = () =>
  fc
    .array(
      fc.record({ copies: fc.constantFrom(0, 1, 1, 1, 1, 2), late: fc.constantFrom(0, 0, 0, 0, 1, 5, 40) }),
      { minLength: boots.length, maxLength: boots.length },
    )
    .map((fates) =>
      boots
        .flatMap((recorded, index) => {
          const { copies, late } = fates[index]!;
          return Array.from({ length: copies }, (_, copy) => ({
            recorded,
            order: index + late * (copy + 1),
          }));
        })
        .sort((a, b) => a.order - b.order)
        .map(({ recorded }) => recorded),
    );

test('whatever is lost, doubled or late, stages stay in order and nothing is done without its event', () => {
  fc.assert(
    fc.property(damaged(), fc.integer({ min: 1, max: 20 }), (events, judgeEvery) => {
      const timelines = told(events, judgeEvery);
      for (const { mac } of timelines.summaries()) assertHonest(timelines.machine(mac)!, events);
    }),
    { numRuns: 400 },
  );
});

test('how often it is judged makes no difference to what comes out', () => {
  fc.assert(
    fc.property(damaged(), fc.integer({ min: 1, max: 20 }), (events, judgeEvery) => {
      assert.deepEqual(told(events, judgeEvery).machine(MAC), told(events, 1).machine(MAC));
    }),
    { numRuns: 400 },
  );
});

test('in any order of the services’ journals at all nothing throws, and every attempt has all its stages', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...boots]), (events) => {
      const timelines = told(events, 3);
      for (const { mac } of timelines.summaries()) assertHonest(timelines.machine(mac)!, events);
    }),
    { numRuns: 400 },
  );
});

test('what has changed is told once, and verdicts are told once each', () => {
  const timelines = new Timelines();
  const verdicts: string[] = [];
  for (const recorded of boots) {
    timelines.take(recorded);
    timelines.judge(recorded.at, coverage);
    verdicts.push(
      ...timelines
        .verdicts()
        .map((one) => `${one.mac} ${one.attempt} ${'stage' in one ? `${one.kind} ${one.stage}` : one.kind}`),
    );
  }
  assert.deepEqual(verdicts, [...new Set(verdicts)]);
  assert.equal(verdicts.filter((one) => one.startsWith(MAC)).length, STAGES.length + 1);
  assert.deepEqual(timelines.changed().sort(), [MAC, '52:54:00:00:00:02']);
  timelines.judge(boots.at(-1)!.at + 1, coverage);
  assert.deepEqual(timelines.changed(), []);
  assert.deepEqual(timelines.verdicts(), []);
});

test('however the clock is set in the midst of boots, nothing lasts less than no time, and nothing is no number', () => {
  const set = fc.record({
    at: fc.integer({ min: 0, max: boots.length }),
    by: fc.constantFrom(-3e11, -86_400_000, -3_600_000, -1500, 1500, 3_600_000, 86_400_000, 3e11),
  });
  fc.assert(
    fc.property(fc.array(set, { minLength: 1, maxLength: 4 }), (settings) => {
      const off = (index: number) => settings.reduce((sum, { at, by }) => (index >= at ? sum + by : sum), 0);
      const events = boots.map((recorded, index) => ({ ...recorded, at: recorded.at + off(index) }));
      const timelines = told(events, 3);
      timelines.judge(events.at(-1)!.at + 1000, coverage);
      for (const { mac } of timelines.summaries()) {
        const machine = timelines.machine(mac)!;
        assertHonest(machine, events);
        assert.doesNotMatch(JSON.stringify(machine), /"(from|to|duration)":null/);
      }
    }),
  );
});
