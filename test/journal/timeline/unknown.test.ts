import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../../../src/config/resolve.ts';
import type { Event } from '../../../src/journal/event.ts';
import { Timelines } from '../../../src/journal/timeline/timelines.ts';
import { bzImage } from '../../assets/headers.ts';
import { ip } from '../../dhcp/rig.ts';
import { HttpSide } from '../diagnosis/http-side.ts';
import { BIOS, IPXE, MAC, profile, Scene, SYSTEM, stage, stagesOf } from '../diagnosis/rig.ts';

const KERNEL = { transfer: 1, address: '10.0.0.10', name: 'vmlinuz' };

/** iPXE in the card is half through its kernel. */
async function halfWay(scene: Scene): Promise<void> {
  scene.tell('http', { kind: 'http.choice.ready', kernel: 'vmlinuz', initrds: [], summary: '', notes: [] });
  scene.lease(IPXE);
  scene.tell('http', {
    kind: 'http.script',
    address: KERNEL.address,
    name: 'infrakit.ipxe',
    bytes: 9,
    made: 'generated',
    waits: false,
  });
  scene.tell('http', { kind: 'http.asset.start', ...KERNEL, size: 1000 });
  scene.tell('http', { kind: 'http.asset.progress', ...KERNEL, bytes: 500, wanted: 1000 });
  scene.wait(1);
}

const kernelOf = (scene: Scene) => stage(scene.judged(), 'kernel');

for (const event of ['config.stopped', 'config.serving'] as const) {
  test(`a transfer whose service's run is over (${event}) is unknown, not failed, until another event tells`, async () => {
    const scene = new Scene();
    await halfWay(scene);
    assert.equal(kernelOf(scene).state, 'running');
    if (event === 'config.stopped') scene.tell('http', { kind: event, service: 'http', signal: 'SIGTERM' });
    else scene.tell('http', { kind: event, service: 'http', profile: profile() });
    assert.deepEqual(
      kernelOf(scene).transfers.map(({ state, bytes }) => ({ state, bytes })),
      [{ state: 'unknown', bytes: 500 }],
    );
    scene.wait(60);
    assert.doesNotMatch(scene.verdict(), /failed|suspect/);
    scene.tell('http', { kind: 'http.asset.done', ...KERNEL, bytes: 1000, milliseconds: 900 });
    assert.equal(kernelOf(scene).state, 'done');
  });
}

test('a service that stops cuts its transfers, which is not the machine’s doing', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene, {
    vmlinuz: Buffer.concat([bzImage(), Buffer.alloc(64 << 20)]),
  });
  const address = scene.lease(IPXE);
  await http.fetch(address, '/infrakit.ipxe');
  await http.stopDuring(address, '/vmlinuz');
  assert.equal(kernelOf(scene).state, 'unknown');
  scene.wait(60);
  assert.doesNotMatch(scene.verdict(), /failed|suspect/);
});

test('a transfer whose service was killed without a word is unknown once it gives no sign of life any more', async () => {
  const scene = new Scene();
  await halfWay(scene);
  scene.runs[2] = { service: 'http', from: 0, seen: scene.now, ended: false };
  scene.wait(4);
  assert.equal(kernelOf(scene).state, 'running');
  scene.wait(4);
  assert.equal(kernelOf(scene).state, 'unknown');
});

test('events that the service could not keep leave their stages unknown', async () => {
  const scene = new Scene();
  scene.lease(BIOS);
  scene.wait(20);
  scene.timelines.judge(scene.now, {
    runs: scene.runs,
    gaps: [{ service: 'tftp', from: scene.now - 9000, to: scene.now - 8000, events: 3 }],
  });
  const { stages, outcome } = scene.timelines.machine(MAC)!.attempt!;
  assert.equal(stages.find(({ name }) => name === 'loader')!.state, 'unknown');
  assert.equal(outcome, 'unknown');
});

test('what another host does is unknown, and no failure', () => {
  const scene = new Scene({ profile: { addresses: { ...profile().addresses, tftp: ip('10.0.0.77') } } });
  scene.lease(BIOS);
  scene.wait(60);
  assert.deepEqual(stage(scene.judged(), 'loader'), {
    name: 'loader',
    state: 'unknown',
    transfers: [],
    note: 'served by 10.0.0.77: not seen here',
  });
  assert.equal(scene.verdict(), '');
  scene.lease(IPXE);
  assert.equal(stagesOf(scene.judged()), 'address done, loader unknown, ipxe done');
});

test('with HTTP on another host, a system that asks for an address may have come from there or from the disk', () => {
  const scene = new Scene({ profile: { addresses: { ...profile().addresses, http: ip('10.0.0.77') } } });
  scene.lease(IPXE);
  scene.wait(30).lease(SYSTEM);
  assert.equal(scene.judged().outcome, 'unknown');
  assert.equal(stage(scene.judged(), 'system').state, 'done');
});

for (const away of [
  ['dhcp'],
  ['tftp'],
  ['http'],
  ['dhcp', 'tftp'],
  ['tftp', 'http'],
  ['dhcp', 'http'],
] as Service[][]) {
  test(`a whole boot without a journal of ${away.join(' and ')} is never told as failed, and nothing unseen as done`, async () => {
    const scene = new Scene({ away });
    scene.timelines.owner('10.0.0.10', MAC);
    await using http = await HttpSide.start(scene);
    const address = scene.lease(BIOS);
    await scene.tftp.load(address, 'undionly.kpxe');
    scene.wait(3).lease(IPXE);
    await http.fetch(address, '/infrakit.ipxe', '/vmlinuz', '/initrd.img');
    scene.wait(4).lease(SYSTEM);
    const { stages, outcome } = scene.judged();
    const seenBy = {
      address: 'dhcp',
      loader: 'tftp',
      ipxe: 'dhcp',
      script: 'http',
      kernel: 'http',
      initrd: 'http',
      system: 'dhcp',
    } as const;
    for (const { name, state } of stages) {
      const known = !away.includes(seenBy[name]);
      const wanted = known ? ['done', 'waiting'] : ['unknown', 'waiting'];
      assert.ok(wanted.includes(state), `${name} ${state}`);
    }
    assert.ok(['booted', 'unknown', 'running', 'loaded'].includes(outcome), outcome);
    if (away.includes('http')) assert.notEqual(outcome, 'booted');
  });
}

test('a service that went away after the silence was heard out does not change the verdict', async () => {
  const scene = new Scene();
  scene.lease(BIOS);
  scene.wait(200);
  const before = scene.judged();
  scene.runs[1] = { service: 'tftp', from: 0, seen: scene.now, ended: true };
  scene.wait(100);
  assert.deepEqual(scene.judged(), before);
});

test('what is read anew after a start is judged as it was', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene);
  const address = scene.lease(BIOS);
  await scene.tftp.load(address, 'undionly.kpxe');
  scene.wait(3).lease(IPXE);
  await http.fetch(address, '/infrakit.ipxe', '/vmlinuz', '/initrd.img');
  scene.wait(4).lease(SYSTEM);
  scene.wait(300).discover(BIOS);
  scene.wait(30);
  const seen = scene.judged();
  const anew = new Timelines();
  for (const recorded of scene.recorded) anew.take(recorded);
  anew.judge(scene.now, scene.coverage);
  assert.deepEqual(anew.machine(MAC), scene.timelines.machine(MAC));
  assert.equal(anew.machine(MAC)!.history[0]!.outcome, seen.outcome);
});

test('an event that only another version of the services knows is passed over', () => {
  const scene = new Scene();
  scene.lease(BIOS);
  const before = scene.judged();
  scene.tell('dhcp', { kind: 'dhcp.of-tomorrow', mac: MAC } as unknown as Event);
  assert.deepEqual(scene.judged(), before);
});

test('a service that was started again counts its transfers anew, and a file that is asked for again moves again', async () => {
  const scene = new Scene();
  await halfWay(scene);
  scene.tell('http', { kind: 'config.serving', service: 'http', profile: profile() });
  scene.tell('http', { kind: 'http.asset.start', ...KERNEL, size: 1000 });
  scene.tell('http', { kind: 'http.asset.progress', ...KERNEL, bytes: 100, wanted: 1000 });
  const { state, bytes } = kernelOf(scene);
  assert.deepEqual({ state, bytes }, { state: 'running', bytes: 100 });
});
