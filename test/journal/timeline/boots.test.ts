import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpSide } from '../diagnosis/http-side.ts';
import { BIOS, IPXE, Scene, SYSTEM, stage, stagesOf, UEFI } from '../diagnosis/rig.ts';

test('a BIOS machine boots: every stage is done, and the boot took from its first request to its system', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene);
  const begun = scene.now;
  scene.discover(BIOS);
  const address = scene.wait(1).lease(BIOS);
  await scene.tftp.load(address, 'undionly.kpxe');
  scene.wait(3).lease(IPXE);
  await http.fetch(address, '/infrakit.ipxe', '/vmlinuz', '/initrd.img');
  scene.wait(4);
  const asked = scene.now;
  scene.lease(SYSTEM);
  const attempt = scene.judged();
  assert.equal(
    stagesOf(attempt),
    'address done, loader done, ipxe done, script done, kernel done, initrd done, system done',
  );
  assert.equal(attempt.outcome, 'booted');
  assert.equal(attempt.duration, asked - begun);
  assert.equal(attempt.from, begun);
  assert.equal(attempt.address, address);
  assert.equal(stage(attempt, 'loader').bytes, 74_000);
  assert.equal(scene.timelines.machine('52:54:00:00:00:01')?.attempts, 1);
});

test('UEFI asks for the size of its loader first, which is no failure', async () => {
  const scene = new Scene();
  const address = scene.lease(UEFI);
  await scene.tftp.probe(address, 'snponly.efi');
  assert.equal(stagesOf(scene.judged()), 'address done, loader running');
  await scene.tftp.load(address, 'snponly.efi');
  const { transfers } = stage(scene.judged(), 'loader');
  assert.deepEqual(
    transfers.map(({ file, state, bytes }) => ({ file, state, bytes })),
    [{ file: 'snponly.efi', state: 'done', bytes: 250_000 }],
  );
});
