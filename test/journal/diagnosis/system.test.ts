import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bzImage, gzippedCpio } from '../../assets/headers.ts';
import { HttpSide } from './http-side.ts';
import { BIOS, IPXE, PI, Scene, SYSTEM, stagesOf, UEFI, verdictOf } from './rig.ts';

function says(scene: Scene, ...words: string[]): void {
  const { cause, remedy } = scene.judged().diagnosis!;
  for (const word of words)
    assert.ok(`${cause} ${remedy}`.includes(word), `${word} is not in: ${cause} ${remedy}`);
}

test('script-never-asked: iPXE has its address, and http hears nothing', () => {
  const scene = new Scene();
  scene.lease(IPXE);
  scene.wait(44);
  assert.equal(scene.verdict(), '');
  scene.wait(1);
  assert.equal(scene.verdict(), 'suspect script-never-asked at script');
  says(scene, 'http://10.0.0.3:8080/infrakit.ipxe', 'TCP 8080', 'ADDRESS_HTTP');
});

test('script-never-asked: autoexec.ipxe is not the script', async () => {
  const scene = new Scene({
    files: { 'snponly.efi': new Uint8Array(9000), 'autoexec.ipxe': Buffer.from('#!ipxe') },
  });
  const address = scene.lease(UEFI);
  for (const file of ['snponly.efi', 'autoexec.ipxe']) await scene.tftp.load(address, file);
  scene.wait(1).lease(IPXE);
  assert.equal(stagesOf(scene.judged()), 'address done, loader done, ipxe done, script running');
  scene.wait(45);
  assert.equal(scene.verdict(), 'suspect script-never-asked at script');
});

test('nothing-to-boot: the script tells it to wait, until a kernel is there', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene, {});
  const address = scene.lease(IPXE);
  for (let round = 0; round < 3; round++) {
    await http.fetch(address, '/infrakit.ipxe');
    scene.wait(10);
  }
  assert.equal(scene.verdict(), 'suspect nothing-to-boot at script');
  assert.equal(scene.judged().outcome, 'running');
  says(scene, 'no kernel in the folder images/', 'put a Linux kernel'.replace('put', 'Put'));
  http.rig.images.write('vmlinuz', bzImage());
  await http.fetch(address, '/infrakit.ipxe', '/vmlinuz');
  assert.equal(scene.verdict(), '');
  assert.equal(scene.timelines.machine('52:54:00:00:00:01')?.attempts, 1);
});

test('script-then-silence: the script is fetched, and nothing that it names', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene);
  await http.fetch(scene.lease(IPXE), '/infrakit.ipxe');
  scene.wait(20);
  assert.equal(scene.verdict(), 'suspect script-then-silence at kernel');
  says(scene, 'infrakit.ipxe');
});

test('file-missing: the edited script names a kernel that is not there; the nearest name is told', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene, {
    vmlinuz: bzImage(),
    'initrd.img': gzippedCpio,
    'infrakit.ipxe': '#!ipxe\nkernel vmlinux\nboot\n',
  });
  const address = scene.lease(IPXE);
  assert.equal(await http.fetch(address, '/infrakit.ipxe', '/vmlinux'), 404);
  scene.wait(4);
  assert.equal(scene.verdict(), 'failed file-missing at kernel');
  assert.equal(
    stagesOf(scene.judged()),
    'address skipped, loader skipped, ipxe done, script done, kernel failed',
  );
  says(scene, 'vmlinux', 'vmlinuz', 'edition of the boot script');
  const since = scene.judged().diagnosis!.at;
  await http.fetch(address, '/infrakit.ipxe', '/vmlinux');
  assert.equal(scene.verdict(), 'failed file-missing at kernel');
  assert.equal(scene.judged().diagnosis!.at, since);
});

test('file-missing: an initrd that went away; taken back when it is there at the next try', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene);
  const address = scene.lease(IPXE);
  await http.fetch(address, '/infrakit.ipxe', '/vmlinuz', '/initrd.im');
  scene.wait(4);
  assert.equal(scene.verdict(), 'failed file-missing at initrd');
  says(scene, 'initrd.im', 'initrd.img');
  await http.fetch(address, '/infrakit.ipxe', '/vmlinuz', '/initrd.img');
  assert.equal(scene.verdict(), '');
});

test('file-refused: a kernel that is a folder, or outside images/', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene);
  const address = scene.lease(IPXE);
  assert.equal(await http.fetch(address, '/infrakit.ipxe', '/.vmlinuz'), 403);
  scene.wait(4);
  assert.equal(scene.verdict(), 'failed file-refused at kernel');
  says(scene, '.vmlinuz', '403', 'chmod a+r');
});

test('download-broken: it hangs up in the middle of the kernel', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene, {
    vmlinuz: Buffer.concat([bzImage(), Buffer.alloc(64 << 20)]),
  });
  const address = scene.lease(IPXE);
  await http.fetch(address, '/infrakit.ipxe');
  await http.hangUp(address, '/vmlinuz');
  scene.wait(4);
  assert.equal(scene.verdict(), 'failed download-broken at kernel');
  says(scene, 'vmlinuz', 'of 67.2 MB', 'RAM');
});

test('download-broken: the kernel stops moving; it is suspect as long as the connection is open', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene);
  const address = scene.lease(IPXE);
  await http.fetch(address, '/infrakit.ipxe');
  const about = { transfer: 9, address, name: 'vmlinuz' };
  scene.tell('http', { kind: 'http.asset.start', ...about, size: 14_000_000 });
  scene.tell('http', { kind: 'http.asset.progress', ...about, bytes: 7_000_000, wanted: 14_000_000 });
  scene.wait(30);
  assert.equal(scene.verdict(), 'suspect download-broken at kernel');
  says(scene, 'vmlinuz', '7.0 MB of 14.0 MB');
  scene.tell('http', { kind: 'http.asset.progress', ...about, bytes: 8_000_000, wanted: 14_000_000 });
  assert.equal(scene.verdict(), '');
});

test('silence-after-kernel: all was delivered, and no system asks for an address', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene);
  await http.fetch(scene.lease(IPXE), '/infrakit.ipxe', '/vmlinuz', '/initrd.img');
  scene.wait(119);
  assert.equal(scene.judged().outcome, 'running');
  scene.wait(2);
  assert.equal(scene.verdict(), 'suspect silence-after-kernel at system');
  assert.equal(scene.judged().outcome, 'loaded');
  says(scene, 'vmlinuz and initrd.img', 'console=', 'RAM');
  scene.lease(SYSTEM);
  assert.equal(scene.judged().outcome, 'booted');
  assert.equal(scene.verdict(), '');
});

test('restart-after-kernel: the machine is back soon after it had all', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene);
  await http.fetch(scene.lease(IPXE), '/infrakit.ipxe', '/vmlinuz', '/initrd.img');
  scene.wait(40).discover(IPXE);
  assert.equal(verdictOf(scene.before()), 'failed restart-after-kernel at system');
  assert.equal(scene.before().outcome, 'failed');
  assert.match(scene.before().diagnosis!.cause, /vmlinuz and initrd\.img and started over 40 s later/);
});

test('a machine that comes back after a long time has been running', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene);
  await http.fetch(scene.lease(IPXE), '/infrakit.ipxe', '/vmlinuz', '/initrd.img');
  scene.wait(3600).discover(IPXE);
  assert.equal(scene.before().outcome, 'loaded');
  assert.doesNotMatch(verdictOf(scene.before()), /restart/);
});

test('kernel-not-started: the kernel is loaded again and again, with the script in between', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene);
  const address = scene.lease(IPXE);
  for (let round = 0; round < 3; round++) {
    assert.equal(scene.verdict(), '');
    await http.fetch(address, '/infrakit.ipxe', '/vmlinuz', '/initrd.img');
    scene.wait(10);
  }
  assert.equal(scene.verdict(), 'failed kernel-not-started at system');
  says(scene, 'vmlinuz 3 times', 'RAM');
  scene.lease(SYSTEM);
  assert.equal(scene.judged().outcome, 'booted');
});

test('booted-elsewhere: it read the script and then started a system from its disk', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene, { vmlinuz: bzImage(), 'infrakit.ipxe': '#!ipxe\nexit\n' });
  await http.fetch(scene.lease(IPXE), '/infrakit.ipxe');
  scene.wait(15).lease(SYSTEM);
  assert.equal(scene.judged().outcome, 'elsewhere');
  assert.equal(scene.verdict(), 'suspect booted-elsewhere at system');
  says(scene, '"script"', 'your edition of the boot script');
});

test('booted-elsewhere: it took no offer and started from its disk', () => {
  const scene = new Scene();
  scene.discover(BIOS);
  scene.wait(15).lease(SYSTEM);
  assert.equal(scene.judged().outcome, 'elsewhere');
  assert.equal(scene.verdict(), 'suspect booted-elsewhere at system');
});

test('service-away: what tftp would tell is not known, which is no failure of the machine', () => {
  const scene = new Scene({ away: ['tftp'] });
  scene.lease(BIOS);
  scene.wait(5);
  assert.equal(scene.verdict(), 'unknown service-away at loader');
  assert.equal(scene.judged().outcome, 'unknown');
  assert.equal(stagesOf(scene.judged()), 'address done, loader unknown');
  says(scene, 'docker compose up -d tftp');
  scene.wait(5).lease(IPXE);
  assert.equal(scene.verdict(), '');
  assert.equal(stagesOf(scene.judged()), 'address done, loader unknown, ipxe done');
});

test('service-away: dhcp that is gone after the kernel is no silence of the system', async () => {
  const scene = new Scene();
  await using http = await HttpSide.start(scene);
  await http.fetch(scene.lease(IPXE), '/infrakit.ipxe', '/vmlinuz', '/initrd.img');
  scene.runs[0] = { service: 'dhcp', from: 0, seen: scene.now, ended: true };
  scene.wait(130);
  assert.equal(scene.verdict(), 'unknown service-away at system');
  assert.equal(scene.judged().outcome, 'unknown');
});

test('gone-silent: a Raspberry Pi has loaded its firmware, and nothing more is heard of it', async () => {
  const scene = new Scene({ files: { 'start4.elf': new Uint8Array(3000) } });
  await scene.tftp.load(scene.lease(PI), 'start4.elf');
  scene.wait(599);
  assert.equal(scene.verdict(), '');
  scene.wait(1);
  assert.equal(scene.verdict(), 'failed gone-silent at kernel');
  says(scene, '"loader"');
});
