import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MESSAGE, OPTION } from '../../../src/protocol/dhcp/codes.ts';
import { bzImage } from '../../assets/headers.ts';
import { rigWith } from '../../dhcp/relayed.ts';
import { message, type Say } from '../../dhcp/rig.ts';
import { HttpSide } from '../diagnosis/http-side.ts';
import { BIOS, IPXE, MAC, Scene, SYSTEM, stage, stagesOf, UEFI, UEFI_HTTP } from '../diagnosis/rig.ts';

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

test('UEFI HTTP Boot loads its loader by http, and iPXE in the card needs none', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene, { 'snponly.efi': new Uint8Array(9000), vmlinuz: bzImage() });
  const address = scene.lease(UEFI_HTTP);
  await http.fetch(address, '/snponly.efi');
  scene.lease(IPXE);
  await http.fetch(address, '/infrakit.ipxe', '/vmlinuz');
  scene.lease(SYSTEM);
  const all = 'address done, loader done, ipxe done, script done, kernel done, initrd skipped, system done';
  assert.equal(stagesOf(scene.judged()), all);
  scene.wait(60).lease(IPXE);
  await http.fetch(address, '/infrakit.ipxe', '/vmlinuz');
  scene.lease(SYSTEM);
  assert.equal(
    stagesOf(scene.judged()),
    all.replace('address done, loader done', 'address skipped, loader skipped'),
  );
  assert.equal(scene.judged().outcome, 'booted');
  assert.equal(scene.before().outcome, 'booted');
});

test('Secure Boot: shim, GRUB, grub.cfg, kernel and initrd by TFTP, and no iPXE on the way', async () => {
  const efi = new Uint8Array(9000);
  const scene = new Scene({
    files: { 'shimx64.efi': efi, 'grubx64.efi': efi, 'grub/grub.cfg': efi, vmlinuz: efi, 'initrd.img': efi },
  });
  scene.tell('http', {
    kind: 'http.choice.ready',
    kernel: 'vmlinuz',
    initrds: ['initrd.img'],
    summary: '',
    notes: [],
  });
  const address = scene.lease(UEFI);
  for (const file of [
    ...['shimx64.efi', 'revocations_sku.efi', 'grubx64.efi', '/grub/x86_64-efi/command.lst'],
    ...['/grub/grub.cfg', '/grub/grub.cfg', '/vmlinuz', '/initrd.img'],
  ])
    await scene.tftp.load(address, file);
  scene.wait(5).lease(SYSTEM);
  assert.equal(
    stagesOf(scene.judged()),
    'address done, loader done, ipxe skipped, script done, kernel done, initrd done, system done',
  );
  assert.deepEqual(
    stage(scene.judged(), 'loader').transfers.map(({ file }) => file),
    ['shimx64.efi', 'grubx64.efi'],
  );
});

test('as ProxyDHCP: another server gives the address, and events that know only that are its machine’s', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene);
  const elsewhere = (options: Say['options']) => {
    const named = { [OPTION.serverIdentifier]: '10.0.0.99', [OPTION.requestedAddress]: '10.0.0.150' };
    scene.proxied(message(MESSAGE.discover, { mac: MAC, options: { ...options } }));
    scene.proxied(message(MESSAGE.request, { mac: MAC, options: { ...options, ...named } }));
    scene.wait(1);
  };
  elsewhere(UEFI);
  await scene.tftp.load('10.0.0.150', 'snponly.efi');
  elsewhere(IPXE);
  await http.fetch('10.0.0.150', '/infrakit.ipxe', '/vmlinuz', '/initrd.img');
  elsewhere(SYSTEM);
  const attempt = scene.judged();
  assert.equal(
    stagesOf(attempt),
    'address done, loader done, ipxe done, script done, kernel done, initrd done, system done',
  );
  assert.equal(stage(attempt, 'address').note, '10.0.0.150, from 10.0.0.99');
  assert.equal(attempt.address, '10.0.0.150');
});

test('behind a relay: files are joined by who was given the address last, and the relay is told', async () => {
  const scene = new Scene();
  scene.dhcp.scopes = rigWith().scopes;
  const address = scene.lease(BIOS, { giaddr: '10.1.0.1' });
  await scene.tftp.load(address, 'undionly.kpxe');
  assert.equal(scene.judged().relay, '10.1.0.1');
  assert.equal(stagesOf(scene.judged()), 'address done, loader done');
});

test('leases tell whose an address is where the journal does not; what it tells counts more', async () => {
  const scene = new Scene({ away: ['dhcp'] });
  scene.timelines.owner('10.0.0.10', MAC);
  await scene.tftp.load('10.0.0.10', 'undionly.kpxe');
  assert.equal(stagesOf(scene.judged()), 'address unknown, loader done, ipxe unknown, system unknown');
  const other = new Scene();
  const address = other.lease(BIOS);
  other.timelines.owner(address, '52:54:00:00:00:77');
  await other.tftp.load(address, 'undionly.kpxe');
  assert.equal(stagesOf(other.judged()), 'address done, loader done');
});

test('people who fetch files are no machines that boot', async () => {
  const scene = new Scene();
  scene.timelines.owner('10.0.0.200', MAC);
  await using http = await HttpSide.start(scene);
  await http.fetch('10.0.0.200', '/infrakit.ipxe', '/vmlinuz');
  scene.lease(SYSTEM);
  await http.fetch('10.0.0.10', '/infrakit.ipxe');
  scene.timelines.judge(scene.now, scene.coverage);
  const machine = scene.timelines.machine(MAC)!;
  assert.equal(machine.attempt, undefined);
  assert.equal(machine.attempts, 0);
  assert.equal(machine.address, '10.0.0.10');
});

test('renewals are no boots, and a system that fetches more from here is left alone', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene);
  const address = scene.lease(IPXE);
  await http.fetch(address, '/infrakit.ipxe', '/vmlinuz', '/initrd.img');
  scene.wait(5).lease(SYSTEM);
  const booted = scene.judged();
  scene.wait(3600).packet(message(MESSAGE.request, { mac: MAC, ciaddr: address }));
  await http.fetch(address, '/initrd.img');
  assert.deepEqual(scene.judged(), booted);
  assert.ok(scene.timelines.machine(MAC)!.seen > booted.to);
});

test('an address that UEFI gets beside its PXE client is no other system', async () => {
  const scene = new Scene();
  scene.discover(UEFI);
  scene.wait(1).lease(SYSTEM);
  scene.wait(2).lease(UEFI);
  await scene.tftp.load('10.0.0.10', 'snponly.efi');
  assert.equal(stagesOf(scene.judged()), 'address done, loader done');
  assert.equal(scene.timelines.machine(MAC)?.attempts, 1);
});

test('a script that the machine reads again and again stays in its attempt', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene, {});
  const address = scene.lease(IPXE);
  for (let round = 0; round < 8; round++) {
    await http.fetch(address, '/infrakit.ipxe');
    scene.wait(10);
  }
  scene.judged();
  assert.equal(scene.timelines.machine(MAC)?.attempts, 1);
  assert.deepEqual(
    stage(scene.judged(), 'script').transfers.map(({ file, state }) => `${file} ${state}`),
    ['infrakit.ipxe done'],
  );
});

test('retries of firmware are one attempt; a machine that has loaded something and asks again begins another', async () => {
  const scene = new Scene();
  for (const pause of [4, 8, 16, 32]) {
    scene.discover(BIOS);
    scene.wait(pause);
  }
  const address = scene.lease(BIOS);
  scene.wait(1).lease(BIOS);
  scene.judged();
  assert.equal(scene.timelines.machine(MAC)?.attempts, 1);
  await scene.tftp.load(address, 'undionly.kpxe');
  scene.wait(1).discover(BIOS);
  scene.judged();
  assert.equal(scene.timelines.machine(MAC)?.attempts, 2);
  scene.wait(61).discover(BIOS);
  scene.judged();
  assert.equal(scene.timelines.machine(MAC)?.attempts, 3);
});

test('parts of a file are one file, whose bytes are no more than its size', () => {
  const scene = new Scene();
  const address = scene.lease(IPXE);
  scene.tell('http', {
    kind: 'http.script',
    address,
    name: 'infrakit.ipxe',
    bytes: 9,
    made: 'generated',
    waits: false,
  });
  const about = { address, name: 'disk.iso' };
  for (const [transfer, first] of [0, 400, 300].entries()) {
    const range = { first, last: first + 399 };
    scene.tell('http', { kind: 'http.asset.start', ...about, transfer, size: 1000, range });
    scene.tell('http', { kind: 'http.asset.done', ...about, transfer, range, bytes: 400, milliseconds: 5 });
  }
  const { transfers, bytes, size } = stage(scene.judged(), 'kernel');
  assert.equal(transfers.length, 1);
  assert.deepEqual({ bytes, size }, { bytes: 1000, size: 1000 });
});
