import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FLAG_BROADCAST, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { longOf, text, textOf } from '../../src/protocol/dhcp/options.ts';
import type { Packet } from '../../src/protocol/dhcp/packet.ts';
import { formatIpv4 } from '../../src/protocol/ipv4.ts';
import { captured, first } from '../fixtures/dhcp.ts';
import { architecture, asking, BIOS_ROM, IPXE, ip, type message, Rig, SETTINGS, vendorClass } from './rig.ts';

const SCRIPT = 'http://10.0.0.3:8080/infrakit.ipxe';
const raw = (packet: Packet, code: number) => Buffer.from(packet.options.get(code) ?? []).toString('latin1');

test('a BIOS ROM is sent to the loader in siaddr, file, 66 and 67', () => {
  const { packet } = new Rig().discover({ options: { ...BIOS_ROM, ...asking(1, 3, 66, 67) } });
  assert.equal(formatIpv4(packet!.siaddr), '10.0.0.2');
  assert.equal(packet!.file, 'undionly.kpxe');
  assert.equal(raw(packet!, OPTION.tftpServerName), '10.0.0.2');
  assert.equal(
    raw(packet!, OPTION.bootFileName),
    'undionly.kpxe\0',
    'EDK2 writes a NUL behind an unterminated one',
  );
});

test('a ROM is never told of a boot server on port 4011: 60 and 43 stay out', () => {
  const { packet } = new Rig().discover({ options: { ...BIOS_ROM, ...asking(43, 60, 67) } });
  assert.ok(!packet!.options.has(OPTION.vendorClass));
  assert.ok(!packet!.options.has(OPTION.vendorSpecific));
});

test('iPXE is sent to the script, told not to wait for a ProxyDHCP server, and never to a loader', () => {
  const { packet } = new Rig().discover({ options: { ...IPXE, ...asking(1, 67) } });
  assert.equal(packet!.file, SCRIPT);
  assert.equal(raw(packet!, OPTION.bootFileName), SCRIPT);
  assert.equal(raw(packet!, OPTION.ipxe), '\xb0\x01\x01');
});

for (const [form, value] of [
  ['bare', text('iPXE')],
  ['with a length before it, as RFC 3004 has it', Buffer.concat([Buffer.of(4), text('iPXE')])],
  ['second in a list', Buffer.concat([Buffer.of(3), text('lab'), Buffer.of(4), text('iPXE')])],
] as const) {
  test(`the user class iPXE is known ${form}`, () => {
    const { packet } = new Rig().discover({ options: { ...BIOS_ROM, [OPTION.userClass]: value } });
    assert.equal(packet!.file, SCRIPT);
  });
}

test('an iPXE with a user class of its own is known by option 175', () => {
  const options = {
    ...BIOS_ROM,
    [OPTION.userClass]: text('lab-7'),
    [OPTION.ipxe]: Uint8Array.of(0x13, 1, 1),
  };
  assert.equal(new Rig().discover({ options }).packet!.file, SCRIPT);
});

test('a reply is built from its request alone: after iPXE a ROM is still offered the loader', () => {
  const rig = new Rig();
  for (const [options, file] of [
    [IPXE, SCRIPT],
    [BIOS_ROM, 'undionly.kpxe'],
    [IPXE, SCRIPT],
    [BIOS_ROM, 'undionly.kpxe'],
  ] as const) {
    assert.equal(rig.discover({ options }).packet!.file, file);
  }
});

test('port 80 is left out of the script’s address', () => {
  const rig = new Rig({
    settings: { plan: { ...SETTINGS.plan, http: { address: ip('10.0.0.3'), port: 80 } } },
  });
  assert.equal(rig.discover({ options: IPXE }).packet!.file, 'http://10.0.0.3/infrakit.ipxe');
});

for (const [who, options] of [
  ['an installed system', {}],
  ['Windows', vendorClass('MSFT 5.0')],
  [
    'a UEFI machine of 32 bits, which has no loader here',
    { ...vendorClass('PXEClient:Arch:00006:UNDI:003000'), ...architecture(6) },
  ],
  [
    'a machine of an architecture that nobody knows',
    { ...vendorClass('PXEClient'), ...architecture(0x4242) },
  ],
  ['a BIOS that claims to boot by HTTP', { ...vendorClass('HTTPClient'), ...architecture(0) }],
] as const) {
  test(`${who} gets an address and nothing to boot`, () => {
    const { what, packet } = new Rig().discover({ options: { ...options, ...asking(1, 3, 43, 66, 67) } });
    assert.equal(what, 'OFFER');
    assert.equal(packet!.siaddr, 0);
    assert.equal(packet!.file, '');
    for (const code of [43, 60, 66, 67, 175]) assert.ok(!packet!.options.has(code), `option ${code}`);
  });
}

for (const [code, file] of [
  [0, 'undionly.kpxe'],
  [7, 'snponly.efi'],
  [9, 'snponly.efi'],
  [11, 'snponly-arm64.efi'],
] as const) {
  test(`PXE of architecture ${code} is sent to ${file}`, () => {
    const options = { ...vendorClass(`PXEClient:Arch:${code}`), ...architecture(code), ...asking(66, 67) };
    const { packet } = new Rig().discover({ options });
    assert.equal(packet!.file, file);
    assert.equal(raw(packet!, OPTION.bootFileName), `${file}\0`);
    assert.equal(formatIpv4(packet!.siaddr), '10.0.0.2');
  });
}

for (const [code, file] of [
  [16, 'snponly.efi'],
  [19, 'snponly-arm64.efi'],
] as const) {
  test(`HTTP Boot of architecture ${code} is told HTTPClient and the absolute URL of ${file}, asked for or not`, () => {
    const options = { ...vendorClass(`HTTPClient:Arch:${code}`), ...architecture(code), ...asking(1, 3) };
    const { packet } = new Rig().discover({ options });
    assert.equal(raw(packet!, OPTION.vendorClass), 'HTTPClient');
    assert.equal(raw(packet!, OPTION.bootFileName), `http://10.0.0.3:8080/${file}`);
  });
}

for (const [how, say] of [
  [
    'its GUID',
    {
      options: {
        [OPTION.clientMachineId]: Buffer.from(
          '\0RPi4\x11\x31\xd0\0\x32\x7f\xa6\xdc\x55\xaa\xbb\xcc',
          'latin1',
        ),
      },
    },
  ],
  ['its address', { mac: 'dc:a6:32:01:02:03' }],
] as const) {
  test(`a Raspberry Pi, known by ${how}, is told so in option 43 and gets a packet without padding`, () => {
    const options = { ...BIOS_ROM, ...('options' in say ? say.options : {}) };
    const { packet, outcome } = new Rig().discover({ ...say, options });
    const menu = packet!.options.get(OPTION.vendorSpecific)!;
    assert.equal(
      Buffer.from(menu).toString('hex'),
      `0601030a04005058450914000011${Buffer.from('Raspberry Pi Boot').toString('hex')}ff`,
    );
    assert.equal(raw(packet!, OPTION.vendorClass), 'PXEClient');
    assert.equal(raw(packet!, OPTION.tftpServerName), '10.0.0.2', 'not terminated by a NUL');
    assert.equal(packet!.file, '');
    assert.equal(formatIpv4(packet!.siaddr), '10.0.0.2');
    assert.equal(outcome.answer!.bytes.at(-1), OPTION.end);
  });
}

test('a machine that wants to boot what there is no loader for is named in an event', () => {
  const { kinds } = new Rig().discover({ options: { ...vendorClass('PXEClient'), ...architecture(6) } });
  assert.ok(kinds.includes('dhcp.no-loader'));
});

test('a ROM that names no architecture is a BIOS', () => {
  assert.equal(new Rig().discover({ options: vendorClass('PXEClient') }).packet!.file, 'undionly.kpxe');
});

test('options follow the order in which they are asked for; lease, T1 and T2 are always told', () => {
  const { packet } = new Rig().discover({ options: asking(15, 28, 6, 3, 1) });
  const codes = [...packet!.options.keys()];
  assert.deepEqual(codes, [53, 54, 51, 58, 59, 1, 15, 28, 6, 3]);
  assert.equal(longOf(packet!.options, OPTION.leaseTime), 7200);
  assert.equal(longOf(packet!.options, OPTION.renewalTime), 3600);
  assert.equal(longOf(packet!.options, OPTION.rebindingTime), 6300);
  assert.equal(formatIpv4(longOf(packet!.options, OPTION.subnetMask)!), '255.255.255.0');
  assert.equal(formatIpv4(longOf(packet!.options, OPTION.broadcastAddress)!), '10.0.0.255');
  assert.equal(formatIpv4(longOf(packet!.options, OPTION.router)!), '10.0.0.254');
  assert.equal(Buffer.from(packet!.options.get(OPTION.dns)!).toString('hex'), '0a00003509090909');
  assert.equal(textOf(packet!.options, OPTION.domainName), 'lab.example');
});

test('what is not asked for is not sent', () => {
  const { packet } = new Rig().discover({ options: asking(1) });
  assert.ok(!packet!.options.has(OPTION.router) && !packet!.options.has(OPTION.dns));
});

test('the client identifier comes back, the machine identifier to PXE clients only', () => {
  const identity = {
    [OPTION.clientIdentifier]: Uint8Array.of(1, 2),
    [OPTION.clientMachineId]: Uint8Array.of(0, 9),
  };
  const rom = new Rig().discover({ options: { ...BIOS_ROM, ...identity } }).packet!;
  assert.deepEqual([...rom.options.get(61)!], [1, 2]);
  assert.deepEqual([...rom.options.get(97)!], [0, 9]);
  assert.ok(!new Rig().discover({ options: identity }).packet!.options.has(97));
});

test('what a relay added comes back to it, at the end of the packet', () => {
  const say = { giaddr: '10.0.0.40', options: { [OPTION.relayAgent]: Uint8Array.of(1, 2, 7, 7) } };
  const { outcome } = new Rig().discover(say);
  assert.match(Buffer.from(outcome.answer!.bytes).toString('hex'), /520401020707ff0*$/);
});

test('options that a small client cannot take are left out and named, the essential ones are not', () => {
  const dns = Array.from({ length: 8 }, (_, n) => ip(`10.9.0.${n}`));
  const rig = new Rig({
    settings: { dns, domain: `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.example` },
  });
  const relay = { [OPTION.relayAgent]: new Uint8Array(60) };
  const { outcome, packet } = rig.discover({
    giaddr: '10.0.0.40',
    options: { ...relay, ...asking(1, 6, 15, 3) },
  });
  assert.ok(outcome.answer!.bytes.length <= 548);
  assert.ok(packet!.options.has(OPTION.router) && packet!.options.has(OPTION.relayAgent));
  assert.ok(!packet!.options.has(OPTION.domainName));
  const told = outcome.events.find((event) => event.kind === 'dhcp.options-left-out');
  assert.ok(told?.kind === 'dhcp.options-left-out' && told.names.includes('Domain Name'));
  const roomy = { [OPTION.maxMessageSize]: Uint8Array.of(5, 0xdc) };
  assert.ok(
    rig
      .discover({ giaddr: '10.0.0.40', options: { ...relay, ...roomy } })
      .packet!.options.has(OPTION.domainName),
  );
});

const DESTINATIONS: [string, Parameters<typeof message>[1], string][] = [
  ['through a relay', { giaddr: '10.0.0.40', flags: FLAG_BROADCAST }, '10.0.0.40:67'],
  ['with the broadcast flag', { flags: FLAG_BROADCAST }, '255.255.255.255:68'],
  ['without it, to the hardware address', {}, '10.0.0.10:68 via 525400000001'],
  ['with a ciaddr that a DISCOVER cannot have', { ciaddr: '10.0.0.99' }, '10.0.0.10:68 via 525400000001'],
  ['over something other than Ethernet', { htype: 6 }, '255.255.255.255:68'],
];

for (const [how, say, to] of DESTINATIONS) {
  test(`an OFFER to a client ${how} goes to ${to}`, () => {
    assert.equal(new Rig().discover(say).to, to);
  });
}

test('a NAK is broadcast, or broadcast by the relay', () => {
  const rig = new Rig();
  rig.lease('52:54:00:00:00:0a');
  assert.equal(rig.select('10.0.0.10', { ciaddr: '10.0.0.10' }).to, '255.255.255.255:68');
  const relayed = rig.select('10.0.0.10', { giaddr: '10.0.0.40' });
  assert.equal(relayed.to, '10.0.0.40:67');
  assert.ok(relayed.packet!.flags & FLAG_BROADCAST);
});

test('a relay of a subnet that is not served gets nothing, and is named', () => {
  const { what, kinds } = new Rig().discover({ giaddr: '10.1.0.1' });
  assert.equal(what, 'silence');
  assert.deepEqual(kinds, ['dhcp.unknown-relay']);
});

for (const [capture, file] of [
  ['undionly-chain', 'undionly.kpxe'],
  ['slow-undionly', 'undionly.kpxe'],
  ['ipxe2-undionly', 'undionly.kpxe'],
  ['ipxe-rom-bios', SCRIPT],
  ['ovmf-ipxe-rom', SCRIPT],
  ['missing-loader-bios', 'undionly.kpxe'],
  ['ovmf-pxe-snponly', 'snponly.efi'],
  ['ovmf-httpboot', ''],
  ['aavmf-arm64', 'snponly-arm64.efi'],
  ['udhcpc', ''],
] as const) {
  test(`the real DISCOVER of ${capture} is offered ${file || 'an address only'}`, () => {
    const { bytes } = first(capture, 'DISCOVER');
    const { what, packet } = new Rig().bytes(bytes);
    assert.equal(what, 'OFFER');
    assert.equal(packet!.file, file);
  });
}

test('a whole real boot is answered: loader to the ROM, script to iPXE, no boot file to Linux, one address for all three', () => {
  const rig = new Rig();
  const offers = captured('undionly-chain')
    .filter(({ what }) => what === 'DISCOVER')
    .map(({ bytes }) => rig.bytes(bytes));
  assert.deepEqual(
    offers.map(({ packet }) => packet!.file),
    ['undionly.kpxe', 'undionly.kpxe', SCRIPT, ''].slice(-offers.length),
  );
  assert.deepEqual(new Set(offers.map(({ yiaddr }) => yiaddr)), new Set(['10.0.0.10']));
});

test('the real dhclient, which starts by asking for an address of another network, is told to start over', () => {
  const { what, to } = new Rig().bytes(first('dhclient', 'REQUEST').bytes);
  assert.equal(what, 'NAK');
  assert.equal(to, '255.255.255.255:68');
});
