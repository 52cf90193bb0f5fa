import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { handleAsBootServer, handleAsProxy, type ProxySettings } from '../../src/dhcp/proxy.ts';
import type { Outcome } from '../../src/dhcp/question.ts';
import { FLAG_BROADCAST, MESSAGE, messageName, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { addressOf, byteOf, textOf } from '../../src/protocol/dhcp/options.ts';
import { decodePacket, type Packet } from '../../src/protocol/dhcp/packet.ts';
import { formatIpv4 } from '../../src/protocol/ipv4.ts';
import { type Captured, captured, first } from '../fixtures/dhcp.ts';
import { architecture, asking, BIOS_ROM, IPXE, ip, message, SETTINGS, vendorClass } from './rig.ts';

/** The captures' network: 10.88.0.1 is this server, 10.88.0.3 the one that gives the addresses. */
const LAB: ProxySettings = {
  server: ip('10.88.0.1'),
  tftp: ip('10.88.0.1'),
  subnet: { network: ip('10.88.0.0'), prefix: 20 },
  plan: { ...SETTINGS.plan, http: { address: ip('10.88.0.1'), port: 80 }, tftp: ip('10.88.0.1') },
  served: {
    subnets: [
      { network: ip('10.88.0.0'), prefix: 20 },
      { network: ip('10.88.16.0'), prefix: 24 },
    ],
    relays: [ip('192.0.2.7')],
    own: [ip('10.88.0.1')],
  },
};
const SCRIPT = 'http://10.88.0.1/infrakit.ipxe';

function answered(outcome: Outcome) {
  const packet = outcome.answer && decodePacket(outcome.answer.bytes);
  const to = outcome.answer?.destination;
  return {
    packet,
    bytes: outcome.answer?.bytes,
    what: packet ? messageName(byteOf(packet.options, OPTION.messageType)!) : 'silence',
    to: to ? `${formatIpv4(to.address)}:${to.port}` : '',
    kinds: outcome.events.map(({ kind }) => kind).filter((kind) => kind !== 'dhcp.packet'),
  };
}

const on67 = (bytes: Uint8Array, settings = LAB) =>
  answered(handleAsProxy(bytes, ip('10.88.0.77'), settings));

function on4011(bytes: Uint8Array, from = '10.88.0.77:4011') {
  const [address, port] = from.split(':') as [string, string];
  return answered(handleAsBootServer(bytes, { address: ip(address!), port: Number(port) }, LAB));
}

/** What a client sent in a capture, answered on the port that it was sent to. */
const replayed = ({ bytes, src, dst }: Captured) =>
  dst.endsWith(':4011') ? on4011(bytes, src) : on67(bytes);
const fromClients = (messages: readonly Captured[]) => messages.filter(({ dst }) => /:(67|4011)$/.test(dst));

const vendor = (packet: Packet | undefined) => textOf(packet!.options, OPTION.vendorClass);
const hex = (value: Uint8Array | undefined) => value && Buffer.from(value).toString('hex');

/** 1 mask, 3 router, 6 DNS, 15 domain, 28 broadcast, 51/58/59 lease. */
const OF_ANOTHERS_NETWORK = [1, 3, 6, 15, 28, 51, 58, 59];

function assertGivesNothing(packet: Packet): void {
  assert.equal(packet.yiaddr, 0);
  for (const code of OF_ANOTHERS_NETWORK) assert.ok(!packet.options.has(code), `option ${code}`);
}

test('whatever clients of all captures ask, no answer has an address, a lease or anything of the network', () => {
  let answers = 0;
  for (const one of fromClients(captured())) {
    const { packet } = replayed(one);
    if (!packet) continue;
    answers += 1;
    assertGivesNothing(packet);
  }
  assert.ok(answers > 30, `${answers} answers`);
});

for (const [capture, told] of [
  ['proxy-ovmf', ['DISCOVER snponly.efi', 'REQUEST on 4011 snponly.efi', `DISCOVER ${SCRIPT}`]],
  ['proxy-bios', [`DISCOVER ${SCRIPT}`]],
  ['proxy-undionly', ['DISCOVER undionly.kpxe', 'REQUEST on 4011 undionly.kpxe', `DISCOVER ${SCRIPT}`]],
  ['proxy-httpboot', ['DISCOVER http://10.88.0.1/snponly.efi', `DISCOVER ${SCRIPT}`]],
  // In these the machines choose 10.88.0.1, and name the address that they were given.
  ['rogue-ovmf', ['DISCOVER snponly.efi', 'DISCOVER http://10.88.0.1/snponly.efi', `DISCOVER ${SCRIPT}`]],
  ['rogue-bios', [`DISCOVER ${SCRIPT}`]],
  ['udhcpc', []],
  ['dhclient', []],
] as const) {
  test(`of the capture ${capture} ${told.length === 0 ? 'nothing' : 'only who boots'} is answered`, () => {
    const seen = fromClients(captured(capture)).flatMap((one) => {
      const { packet } = replayed(one);
      const file = packet && (packet.file || textOf(packet.options, OPTION.bootFileName));
      return packet ? [`${one.what}${one.dst.endsWith(':4011') ? ' on 4011' : ''} ${file}`] : [];
    });
    // A guest that does not get on asks again, and is told the same again.
    assert.deepEqual([...new Set(seen)], told);
  });
}

test('UEFI is offered the boot server without option 43, by broadcast; port 4011 answers where the question came from', () => {
  const offer = on67(first('proxy-ovmf', 'DISCOVER').bytes);
  assert.equal(offer.what, 'OFFER');
  assert.equal(offer.to, '255.255.255.255:68');
  assert.equal(vendor(offer.packet), 'PXEClient');
  assert.ok(!offer.packet!.options.has(OPTION.vendorSpecific));
  assert.equal(formatIpv4(offer.packet!.siaddr), '10.88.0.1');
  const asked = captured('proxy-ovmf').find(({ dst }) => dst.endsWith(':4011'))!;
  const ack = replayed(asked);
  assert.equal(ack.what, 'ACK');
  assert.equal(ack.to, asked.src);
  assert.equal(ack.packet!.file, 'snponly.efi');
  assert.equal(formatIpv4(ack.packet!.siaddr), '10.88.0.1');
  assert.equal(addressOf(ack.packet!.options, OPTION.serverIdentifier), LAB.server);
});

test('a BIOS ROM is told to boot the file of the offer and to look for no boot server', () => {
  const { packet } = on67(first('proxy-undionly', 'DISCOVER').bytes);
  assert.equal(vendor(packet), 'PXEClient');
  assert.equal(hex(packet!.options.get(OPTION.vendorSpecific)), '060108ff');
  assert.equal(packet!.file, 'undionly.kpxe');
  assert.equal(formatIpv4(packet!.siaddr), '10.88.0.1');
  assert.ok(packet!.options.has(OPTION.clientMachineId), 'PXE 2.1 wants option 97 back');
});

test('iPXE is sent to the script with option 60 and the boot server, without which it ignores the offer', () => {
  const { packet } = on67(first('proxy-bios', 'DISCOVER').bytes);
  assert.equal(vendor(packet), 'PXEClient');
  assert.equal(packet!.file, SCRIPT);
  assert.notEqual(packet!.siaddr, 0);
});

test('HTTP Boot is told HTTPClient and the URL', () => {
  const { packet } = on67(first('proxy-httpboot', 'DISCOVER').bytes);
  assert.equal(vendor(packet), 'HTTPClient');
  assert.equal(textOf(packet!.options, OPTION.bootFileName), 'http://10.88.0.1/snponly.efi');
});

test('a Raspberry Pi gets the answer that its loader waits for, unpadded', () => {
  const { packet, bytes } = on67(
    message(MESSAGE.discover, { mac: 'dc:a6:32:01:02:03', options: { ...BIOS_ROM } }),
  );
  assert.match(hex(packet!.options.get(OPTION.vendorSpecific))!, /^0601030a04/);
  assert.match(Buffer.from(bytes!).toString('latin1'), /Raspberry Pi Boot/);
  assert.equal(bytes!.at(-1), OPTION.end);
});

test('a REQUEST for another server is left alone, one for this server is acknowledged without an address', () => {
  const say = (server: string) => ({ options: { ...BIOS_ROM, [OPTION.serverIdentifier]: server } });
  assert.equal(on67(message(MESSAGE.request, say('10.88.0.3'))).what, 'silence');
  assert.equal(on67(message(MESSAGE.request, { options: BIOS_ROM })).what, 'silence');
  const chosen = say('10.88.0.1').options;
  const named = { ...chosen, [OPTION.requestedAddress]: '10.88.0.50' };
  assert.equal(on67(message(MESSAGE.request, { options: named })).what, 'silence');
  const { what, packet } = on67(message(MESSAGE.request, { options: chosen }));
  assert.equal(what, 'ACK');
  assertGivesNothing(packet!);
});

test('INFORM of a machine that boots is answered at its address, on this network alone', () => {
  const inform = (ciaddr: string) => message(MESSAGE.inform, { ciaddr, options: BIOS_ROM });
  assert.equal(on67(inform('10.88.0.50')).to, '10.88.0.50:68');
  assert.equal(on67(inform('192.0.2.1')).what, 'silence');
  assert.equal(on4011(inform('10.88.0.50'), '10.88.0.50:68').to, '10.88.0.50:68');
});

test('port 4011 answers an OFFER to a DISCOVER, and nothing to who does not boot or has no address', () => {
  assert.equal(on4011(message(MESSAGE.discover, { options: BIOS_ROM })).what, 'OFFER');
  assert.equal(on4011(message(MESSAGE.request)).what, 'silence');
  assert.equal(on4011(message(MESSAGE.request, { options: BIOS_ROM }), '0.0.0.0:68').what, 'silence');
  assert.equal(on4011(message(MESSAGE.decline, { options: BIOS_ROM })).what, 'silence');
});

test('what came through a relay goes back to it, to be broadcast, with its option 82', () => {
  const options = { ...BIOS_ROM, [OPTION.relayAgent]: Uint8Array.of(1, 2, 7, 7) };
  const { packet, to } = on67(message(MESSAGE.discover, { giaddr: '10.88.16.1', options }));
  assert.equal(to, '10.88.16.1:67');
  assert.ok(packet!.flags & FLAG_BROADCAST);
  assert.equal(hex(packet!.options.get(OPTION.relayAgent)), '01020707');
});

test('a machine without a loader is not answered, and the log names the file', () => {
  const options = { ...vendorClass('PXEClient'), ...architecture(6) };
  const { what, kinds } = on67(message(MESSAGE.discover, { options }));
  assert.equal(what, 'silence');
  assert.deepEqual(kinds, ['dhcp.proxy-request', 'dhcp.no-loader']);
});

test('a claimed address in a DISCOVER does not steer the offer', () => {
  assert.equal(
    on67(message(MESSAGE.discover, { ciaddr: '192.0.2.1', options: BIOS_ROM })).to,
    '255.255.255.255:68',
  );
});

test('whatever is sent: no address is given, and no REQUEST for another server acknowledged', () => {
  const classes = [{}, BIOS_ROM, IPXE, vendorClass('HTTPClient:Arch:00016'), vendorClass('MSFT 5.0')];
  const packets = fc.record({
    type: fc.option(fc.integer({ min: 0, max: 18 }), { nil: undefined }),
    who: fc.constantFrom(...classes),
    arch: fc.constantFrom(0, 6, 7, 9, 11, 16, 4242),
    server: fc.constantFrom(undefined, '10.88.0.1', '10.88.0.3', '0.0.0.0'),
    ciaddr: fc.constantFrom('0.0.0.0', '10.88.0.50', '192.0.2.1'),
    giaddr: fc.constantFrom('0.0.0.0', '10.88.0.2', '10.99.0.1'),
    flags: fc.constantFrom(0, FLAG_BROADCAST),
  });
  fc.assert(
    fc.property(packets, ({ type, who, arch, server, ...header }) => {
      const named = server === undefined ? {} : { [OPTION.serverIdentifier]: server };
      const options = { ...who, ...architecture(arch), ...named, ...asking(1, 3, 6, 43, 60, 66, 67) };
      const bytes = message(type, { ...header, options });
      for (const { packet } of [on67(bytes), on4011(bytes)]) if (packet) assertGivesNothing(packet);
      if (type === MESSAGE.request && server !== '10.88.0.1') assert.equal(on67(bytes).what, 'silence');
    }),
  );
});

test('no bytes make it throw', () => {
  const sample = first('proxy-ovmf', 'DISCOVER').bytes;
  const damaged = fc.array(fc.tuple(fc.nat(sample.length - 1), fc.integer({ min: 0, max: 255 })), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(damaged, fc.nat(sample.length), (changes, length) => {
      const bytes = Buffer.from(sample);
      for (const [at, value] of changes) bytes[at] = value;
      on67(bytes.subarray(0, length));
      on4011(bytes.subarray(0, length));
    }),
  );
});
