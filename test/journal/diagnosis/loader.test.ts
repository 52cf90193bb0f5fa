import assert from 'node:assert/strict';
import { test } from 'node:test';
import { architecture, ip, vendorClass } from '../../dhcp/rig.ts';
import { HttpSide } from './http-side.ts';
import { BIOS, IPXE, PI, Scene, SYSTEM, stagesOf, UEFI, UEFI_HTTP, verdictOf } from './rig.ts';

const ITANIUM = { ...vendorClass('PXEClient:Arch:00002:UNDI:002001'), ...architecture(2) };
const IA32 = { ...vendorClass('PXEClient:Arch:00006:UNDI:003016'), ...architecture(6) };

function says(scene: Scene, ...words: string[]): void {
  const { cause, remedy } = scene.judged().diagnosis!;
  for (const word of words)
    assert.ok(`${cause} ${remedy}`.includes(word), `${word} is not in: ${cause} ${remedy}`);
}

test('no-loader: images/ has none for its architecture, or none is known for it', () => {
  const scene = new Scene();
  scene.discover(IA32);
  assert.equal(scene.verdict(), 'failed no-loader at loader');
  assert.equal(scene.judged().outcome, 'failed');
  says(scene, 'UEFI x86', 'snponly-ia32.efi', 'docker compose run --rm tftp pull');
  scene.wait(1).discover(ITANIUM);
  says(scene, 'architecture 2', 'no loader is known');
});

test('loader-missing: tftp does not have the file that it asks for', async () => {
  const scene = new Scene({ files: {} });
  const address = scene.lease(BIOS);
  await scene.tftp.load(address, 'undionly.kpxe');
  scene.wait(4);
  assert.equal(scene.verdict(), 'failed loader-missing at loader');
  assert.equal(stagesOf(scene.judged()), 'address done, loader failed');
  says(scene, 'undionly.kpxe', 'pull');
});

test('loader-missing: shim finds no GRUB beside itself; what it need not find says nothing', async () => {
  const scene = new Scene({ files: { 'shimx64.efi': new Uint8Array(9000) } });
  const address = scene.lease(UEFI);
  for (const file of ['shimx64.efi', 'revocations_sku.efi', 'shim_certificate_0.efi'])
    await scene.tftp.load(address, file);
  scene.wait(4);
  assert.equal(scene.verdict(), '');
  await scene.tftp.load(address, 'grubx64.efi');
  scene.wait(4);
  assert.equal(scene.verdict(), 'failed loader-missing at loader');
  says(scene, 'grubx64.efi', 'docs/secure-boot.md');
});

test('loader-stalled: not one large block arrives, so the MTU is named', async () => {
  const scene = new Scene();
  const address = scene.lease(BIOS);
  await scene.tftp.load(address, 'undionly.kpxe', (packet) => packet.type !== 'data');
  scene.wait(30);
  assert.equal(scene.verdict(), 'failed loader-stalled at loader');
  says(scene, 'undionly.kpxe', '74 kB', 'MTU', '1456', 'ip link set eth1 mtu');
});

test('loader-stalled in the middle: not the MTU, as large blocks did arrive', async () => {
  const scene = new Scene();
  const address = scene.lease(BIOS);
  await scene.tftp.load(address, 'undionly.kpxe', (packet) => packet.type !== 'data' || packet.block < 20);
  scene.wait(30);
  assert.equal(scene.verdict(), 'failed loader-stalled at loader');
  says(scene, '28 kB of 74 kB', 'firewall');
  assert.doesNotMatch(scene.judged().diagnosis!.cause, /MTU/);
});

test('loader-stalled is taken back when the second try goes through', async () => {
  const scene = new Scene();
  const address = scene.lease(BIOS);
  await scene.tftp.load(address, 'undionly.kpxe', (packet) => packet.type !== 'data');
  scene.wait(30);
  await scene.tftp.load(address, 'undionly.kpxe');
  assert.equal(scene.verdict(), '');
  assert.equal(stagesOf(scene.judged()), 'address done, loader done');
});

test('loader-never-asked: it has its address, and tftp hears nothing', () => {
  const scene = new Scene();
  scene.lease(BIOS);
  assert.equal(scene.verdict(), '');
  scene.wait(15);
  assert.equal(scene.verdict(), 'suspect loader-never-asked at loader');
  assert.equal(scene.judged().outcome, 'running');
  says(scene, '10.0.0.10', 'undionly.kpxe', 'tftp at 10.0.0.2', 'UDP 69', 'ADDRESS_TFTP');
  scene.wait(600);
  assert.equal(scene.verdict(), 'failed loader-never-asked at loader');
  assert.equal(scene.judged().outcome, 'failed');
});

test('loader-never-asked: a rival boot server that is known is named, and what it says', () => {
  const scene = new Scene();
  const found = {
    server: ip('10.0.0.99'),
    mac: '52:54:00:00:00:99',
    offered: undefined,
    boots: ['pxelinux.0 from 10.0.0.99'],
  };
  scene.tell('dhcp', { kind: 'dhcp.boot-rival', found });
  scene.lease(UEFI);
  scene.wait(15);
  says(scene, '10.0.0.99 (52:54:00:00:00:99)', 'pxelinux.0');
});

test('loader-never-asked by HTTP Boot names the TCP port; UEFI that goes on to it ends the attempt by PXE', () => {
  const scene = new Scene();
  scene.lease(UEFI);
  scene.wait(5).lease(UEFI_HTTP);
  assert.equal(verdictOf(scene.before()), 'failed loader-never-asked at loader');
  scene.wait(15);
  assert.equal(scene.verdict(), 'suspect loader-never-asked at loader');
  says(scene, 'http://10.0.0.3:8080/snponly.efi', 'TCP 8080', 'ADDRESS_HTTP');
});

test('loader-then-silence: UEFI has the loader and never comes back; Secure Boot is the first suspect', async () => {
  const scene = new Scene();
  const address = scene.lease(UEFI);
  await scene.tftp.load(address, 'snponly.efi');
  scene.wait(59);
  assert.equal(scene.verdict(), '');
  scene.wait(1);
  assert.equal(scene.verdict(), 'suspect loader-then-silence at ipxe');
  says(scene, 'snponly.efi', '250 kB', 'Secure Boot', 'docs/secure-boot.md');
  scene.lease(IPXE);
  assert.equal(scene.verdict(), '');
  assert.equal(stagesOf(scene.judged()), 'address done, loader done, ipxe done');
});

test('loader-then-silence is certain once the machine starts over, on BIOS with a driver in mind', async () => {
  const scene = new Scene();
  const address = scene.lease(BIOS);
  await scene.tftp.load(address, 'undionly.kpxe');
  scene.wait(8).discover(BIOS);
  assert.equal(verdictOf(scene.before()), 'failed loader-then-silence at ipxe');
  assert.equal(scene.before().outcome, 'failed');
  assert.match(scene.before().diagnosis!.remedy, /LOADER_BIOS=ipxe\.pxe/);
  assert.equal(scene.judged().outcome, 'running');
});

test('loader-then-silence: a loader that does not look like one is to blame', async () => {
  const scene = new Scene();
  scene.tell('tftp', { kind: 'asset.loader.odd', path: '/images/undionly.kpxe', trouble: 'is a web page' });
  const address = scene.lease(BIOS);
  await scene.tftp.load(address, 'undionly.kpxe');
  scene.wait(60);
  says(scene, 'is a web page', 'delete it in images/');
});

test('loader-then-silence: shim and GRUB are loaded, and no grub.cfg is asked for', async () => {
  const scene = new Scene({
    files: { 'shimx64.efi': new Uint8Array(9000), 'grubx64.efi': new Uint8Array(9000) },
  });
  const address = scene.lease(UEFI);
  for (const file of ['shimx64.efi', 'grubx64.efi']) await scene.tftp.load(address, file);
  scene.wait(30);
  assert.equal(scene.verdict(), 'suspect loader-then-silence at script');
  says(scene, 'grubx64.efi', 'docs/secure-boot.md');
});

test('loader-then-silence: a machine that boots from its disk instead', async () => {
  const scene = new Scene();
  const address = scene.lease(UEFI);
  await scene.tftp.load(address, 'snponly.efi');
  scene.wait(20).lease(SYSTEM);
  assert.equal(scene.verdict(), 'failed loader-then-silence at ipxe');
  assert.equal(scene.judged().outcome, 'elsewhere');
});

test('file-refused: the loader cannot be read', async () => {
  const scene = new Scene({ files: { 'undionly.kpxe': 'unreadable' } });
  const address = scene.lease(BIOS);
  await scene.tftp.load(address, 'undionly.kpxe');
  scene.wait(4);
  assert.equal(scene.verdict(), 'failed file-refused at loader');
  says(scene, 'chmod a+r images/undionly.kpxe');
});

test('download-broken: UEFI HTTP Boot hangs up in the middle of its loader', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene, { 'snponly.efi': new Uint8Array(64 << 20) });
  const address = scene.lease(UEFI_HTTP);
  await http.hangUp(address, '/snponly.efi');
  scene.wait(4);
  assert.equal(scene.verdict(), 'failed download-broken at loader');
  says(scene, 'snponly.efi', '67.1 MB');
});

test('download-broken: tftp stops in the middle of the loader', async () => {
  const scene = new Scene();
  const address = scene.lease(BIOS);
  await scene.tftp.load(address, 'undionly.kpxe', (packet) => packet.type !== 'data' || packet.block < 20);
  await scene.tftp.stop();
  scene.wait(4);
  assert.equal(scene.verdict(), 'failed download-broken at loader');
  says(scene, 'undionly.kpxe', '28 kB', 'the server is shutting down', 'docker compose ps');
});

test('a Raspberry Pi looks for many files in vain; only where it finds none, something is missing', async () => {
  const scene = new Scene({
    files: { 'start4.elf': new Uint8Array(3000), 'kernel8.img': new Uint8Array(3000) },
  });
  const address = scene.lease(PI);
  await scene.tftp.load(address, '1a2b3c4d/start4.elf');
  scene.wait(4);
  assert.equal(scene.verdict(), 'failed loader-missing at loader');
  says(scene, 'start4.elf', 'serial number');
  for (const file of ['start4.elf', 'recovery.elf', 'config.txt', 'kernel8.img', 'initramfs8'])
    await scene.tftp.load(address, file);
  scene.wait(4);
  assert.equal(scene.verdict(), '');
  assert.equal(
    stagesOf(scene.judged()),
    'address done, loader done, ipxe skipped, script skipped, kernel done',
  );
  scene.lease(SYSTEM);
  assert.equal(scene.judged().outcome, 'booted');
});
