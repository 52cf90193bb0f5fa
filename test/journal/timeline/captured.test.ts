import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify } from '../../../src/boot/client.ts';
import { OPTION } from '../../../src/protocol/dhcp/codes.ts';
import { addressOf } from '../../../src/protocol/dhcp/options.ts';
import { decodePacket } from '../../../src/protocol/dhcp/packet.ts';
import { formatIpv4 } from '../../../src/protocol/ipv4.ts';
import { ip } from '../../dhcp/rig.ts';
import { type Captured, captured } from '../../fixtures/dhcp.ts';
import { Scene, stagesOf } from '../diagnosis/rig.ts';

const fromMachines = (capture: string) => captured(capture).filter(({ dst }) => dst.endsWith(':67'));
const clientOf = ({ bytes }: Captured) => classify(decodePacket(bytes));

/** The address that the machine was given in the capture, which the engine gives it again. */
function addressIn(capture: string): number {
  const named = captured(capture).map(({ bytes }) =>
    addressOf(decodePacket(bytes).options, OPTION.requestedAddress),
  );
  return named.find((address) => address !== undefined)!;
}

/** What each program does with its address, as the services tell it. */
function load(scene: Scene, firmware: string, address: string): void {
  if (firmware === 'pxe' || firmware === 'http') {
    const loader = { address, file: 'snponly.efi', transfer: 1 };
    const sent = { bytes: 9000, ms: 100, retransmissions: 0, blksize: 1456, windowsize: 1 };
    if (firmware === 'pxe') scene.tell('tftp', { kind: 'tftp.done', ...loader, ...sent });
    else
      scene.tell('http', {
        kind: 'http.asset.done',
        address,
        name: loader.file,
        transfer: 1,
        bytes: 9000,
        milliseconds: 9,
      });
  }
  if (firmware !== 'ipxe') return;
  scene.tell('http', {
    kind: 'http.script',
    address,
    name: 'infrakit.ipxe',
    bytes: 900,
    made: 'generated',
    waits: false,
  });
  for (const [transfer, name] of ['vmlinuz', 'initrd.img'].entries())
    scene.tell('http', {
      kind: 'http.asset.done',
      address,
      name,
      transfer: 10 + transfer,
      bytes: 9000,
      milliseconds: 9,
    });
}

/** A boot of a capture: its DHCP through the real engine at its own times, files in between. */
function replay(capture: string): { scene: Scene; mac: string } {
  const address = addressIn(capture);
  const settings = { server: ip('10.88.0.1'), subnet: { network: ip('10.88.0.0'), prefix: 20 } };
  const scene = new Scene({ dhcp: { settings, pool: { first: address, count: 1, reserved: [] } } });
  scene.tell('http', {
    kind: 'http.choice.ready',
    kernel: 'vmlinuz',
    initrds: ['initrd.img'],
    summary: '',
    notes: [],
  });
  const begun = scene.now;
  for (const message of fromMachines(capture)) {
    scene.wait(begun / 1000 + message.at - scene.now / 1000);
    const { what } = scene.packet(message.bytes);
    if (what === 'ACK') load(scene, clientOf(message).firmware, formatIpv4(address));
  }
  scene.wait(1);
  return { scene, mac: clientOf(fromMachines(capture)[0]!).mac };
}

const WHOLE = 'address done, loader done, ipxe done, script done, kernel done, initrd done, system done';

for (const [capture, stages] of [
  ...[
    'aavmf-arm64',
    'ipxe2-snponly',
    'ipxe2-undionly',
    'ovmf-httpboot',
    'ovmf-pxe-ipxe',
    'ovmf-pxe-snponly',
  ].map((name) => [name, WHOLE]),
  ...['slow-ovmf', 'slow-undionly', 'undionly-chain'].map((name) => [name, WHOLE]),
  ...['ipxe-rom-bios', 'ovmf-ipxe-rom'].map((name) => [
    name,
    WHOLE.replace('address done, loader done', 'address skipped, loader skipped'),
  ]),
] as [string, string][]) {
  test(`${capture}: the boot is one attempt with all its stages, and took as long as in the capture`, () => {
    const { scene, mac } = replay(capture);
    const attempt = scene.judged(mac);
    assert.equal(stagesOf(attempt), stages);
    assert.equal(attempt.outcome, 'booted');
    assert.equal(attempt.diagnosis, undefined);
    assert.equal(scene.timelines.machine(mac)?.attempts, 1);
    const asked = fromMachines(capture).find((message) => clientOf(message).firmware === 'other')!;
    assert.ok(Math.abs(attempt.duration! - asked.at * 1000) <= 1);
  });
}

for (const capture of ['dhclient', 'udhcpc']) {
  test(`${capture}: an installed system has no attempt`, () => {
    const { scene, mac } = replay(capture);
    scene.timelines.judge(scene.now, scene.coverage);
    assert.equal(scene.timelines.machine(mac)?.attempt, undefined);
  });
}

test('missing-loader-ovmf: UEFI goes on from PXE to HTTP Boot, which is an attempt of its own', () => {
  const { scene, mac } = replay('missing-loader-ovmf');
  assert.equal(scene.judged(mac).firmware, 'http');
  assert.equal(scene.before(mac).firmware, 'pxe');
  assert.equal(scene.before(mac).outcome, 'failed');
});
