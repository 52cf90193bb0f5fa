import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify, type Firmware } from '../../src/boot/client.ts';
import type { Exchange, Explanation, Supposed } from '../../src/boot/explanation.ts';
import { explain, explainPacket } from '../../src/dhcp/explain.ts';
import { supposedDialogue, supposedRequest } from '../../src/dhcp/supposed-request.ts';
import { MESSAGE } from '../../src/protocol/dhcp/codes.ts';
import { decodePacket, type Packet } from '../../src/protocol/dhcp/packet.ts';
import { captured } from '../fixtures/dhcp.ts';
import { relayOption, rigWith } from './relayed.ts';
import { ip, message, Rig, SERVER, SETTINGS } from './rig.ts';

const MAC = '52:54:00:00:00:01';
const asked = (rig: Rig, supposed: Partial<Supposed> = {}): Explanation =>
  explain({ mac: MAC, firmware: 'pxe', ...supposed }, { mode: 'server', scopes: rig.scopes }, rig.now);
const first = ({ exchanges }: Explanation): Exchange => exchanges[0]!;
const why = (explanation: Explanation) => first(explanation).because.join('\n');

/** Which first message of which capture a supposed machine stands for. */
const LIKE: readonly (readonly [capture: string, at: number, supposed: Omit<Supposed, 'mac'>])[] = [
  ['missing-loader-bios', 0, { firmware: 'pxe', architecture: 0 }],
  ['ovmf-pxe-snponly', 0, { firmware: 'pxe', architecture: 7 }],
  ['aavmf-arm64', 0, { firmware: 'pxe', architecture: 11 }],
  ['ovmf-httpboot', 0, { firmware: 'http', architecture: 16 }],
  ['ipxe2-snponly', 1, { firmware: 'ipxe', architecture: 7 }],
];

/** What a machine learns from the answers, or alone knows of itself. */
const ITS_OWN: readonly number[] = [50, 54, 97];

/** Holds a supposed message against a real one, option by option. */
function asReal(made: Packet, real: Packet): void {
  assert.deepEqual([...made.options.keys()].toSorted(), [...real.options.keys()].toSorted());
  for (const [code, value] of real.options) {
    if (ITS_OWN.includes(code)) continue;
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    assert.equal(hex(made.options.get(code)!), hex(value), `option ${code}`);
  }
  assert.equal(made.flags, real.flags);
}

for (const [capture, at, supposed] of LIKE) {
  test(`a supposed machine asks and requests as the one of ${capture} did, option by option`, () => {
    const said = (what: string) =>
      captured(capture).filter((one) => one.what === what && !one.dst.endsWith(':4011'));
    const discover = decodePacket(said('DISCOVER')[at]!.bytes);
    const mac = Buffer.from(discover.chaddr.subarray(0, 6)).toString('hex').match(/../g)!.join(':');
    const [first, second] = supposedDialogue({ mac, ...supposed }, 'server');
    asReal(first!.packet, discover);
    asReal(second!.packet, decodePacket(said('REQUEST')[at]!.bytes));
  });
}

test('a boot server is asked as EDK2 asks one, option by option', () => {
  const asked = captured('proxy-ovmf').find(({ dst }) => dst.endsWith(':4011'))!;
  const [, second] = supposedDialogue({ mac: MAC, firmware: 'pxe', architecture: 7 }, 'proxy');
  assert.equal(second?.port, 4011);
  asReal(second!.packet, decodePacket(asked.bytes));
});

for (const firmware of ['pxe', 'http', 'ipxe', 'raspberry-pi', 'other'] as const satisfies Firmware[]) {
  test(`a supposed ${firmware} is taken for that by the engine`, () => {
    const client = classify(decodePacket(supposedRequest({ mac: MAC, firmware, hostName: 'rack-1' })));
    assert.equal(client.firmware, firmware);
    assert.equal(client.mac, MAC);
    assert.equal(client.hostName, 'rack-1');
  });
}

test('what is explained is what the machine then gets, to the byte', () => {
  const rig = new Rig();
  const supposed: Supposed = { mac: MAC, firmware: 'http', architecture: 19 };
  const { bytes, destination } = first(asked(rig, supposed));
  const { outcome, to } = rig.bytes(supposedRequest(supposed));
  assert.equal(bytes, Buffer.from(outcome.answer!.bytes).toString('hex'));
  assert.equal(destination, to);
});

test('explaining changes nothing: address, relay and events stay as if nobody had asked', () => {
  const rig = rigWith();
  const before = asked(rig, { relay: ip('10.1.0.1') });
  for (let n = 2; n < 10; n++) asked(rig, { mac: `52:54:00:00:00:0${n}`, relay: ip('10.1.0.1') });
  assert.deepEqual(asked(rig, { relay: ip('10.1.0.1') }), before);
  assert.equal(rig.scopes.relayed[0]!.awaitsRelay, true, 'the relay has not spoken');
  assert.equal(rig.discover({ mac: '52:54:00:00:00:99', giaddr: '10.1.0.1' }).yiaddr, '10.1.0.10');
  assert.deepEqual(rig.stored, []);
});

test('it says what the machine is taken for, where it is, and why it gets that address and that file', () => {
  const rig = new Rig();
  const fresh = why(asked(rig, { architecture: 0 }));
  assert.match(
    fresh,
    /taken for PXE, BIOS x86: its option 60 is "PXEClient:Arch:00000:UNDI:002001", and option 93 is 0/,
  );
  assert.match(fresh, /no relay, so it is on the adapter's own subnet, 10\.0\.0\.0\/24/);
  assert.match(fresh, /offered 10\.0\.0\.10: it has none yet/);
  assert.match(fresh, /loader undionly\.kpxe by TFTP, since that is what BIOS x86 runs/);
  assert.match(fresh, /stands in the field "file" and in option 67/);
  assert.match(fresh, /broadcast to port 68/);
  rig.lease(MAC);
  assert.match(why(asked(rig)), /offered 10\.0\.0\.10: it has a lease on it/);
  rig.now += 8000;
  assert.match(why(asked(rig)), /it had it before, and nobody else has needed it since/);
  assert.match(why(asked(rig, { firmware: 'ipxe' })), /infrakit\.ipxe and to no loader: it is iPXE already/);
});

test('through a relay the subnet of the relay counts, and a relay that is not served is told with the line for SUBNETS', () => {
  const rig = rigWith();
  const served = asked(rig, { relay: ip('10.1.0.1') });
  assert.match(why(served), /relay, 10\.1\.0\.1, .* lies in 10\.1\.0\.0\/24/);
  assert.equal(first(served).destination, '10.1.0.1:67');
  assert.match(first(served).reply!.join('\n'), /yiaddr 10\.1\.0\.10/);
  const unknown = asked(rig, { relay: ip('10.9.0.1') });
  assert.equal(first(unknown).reply, undefined);
  assert.match(why(unknown), /not served.*SUBNETS='…; 10\.9\.0\.0\/24'/);
});

test('silence is explained too: a pool that is used up, a loader that there is none of', () => {
  const rig = new Rig();
  for (let n = 2; n < 6; n++) rig.lease(`52:54:00:00:00:0${n}`);
  const full = asked(rig);
  assert.equal(first(full).bytes, undefined);
  assert.match(why(full), /all 4 of the pool are in use.*LEASE_COUNT=8/);
  const none = asked(new Rig(), { architecture: 6 });
  assert.ok(first(none).bytes, 'it gets an address all the same');
  assert.match(why(none), /images\/ has no snponly-ia32\.efi/);
});

test('a proxy explains the boot file, and leaves those alone that do not boot', () => {
  const proxy = { mode: 'proxy', settings: SETTINGS } as const;
  const boots = explain({ mac: MAC, firmware: 'pxe' }, proxy, 0);
  assert.match(first(boots).reply!.join('\n'), /file "snponly\.efi"/);
  assert.match(why(boots), /address from another server: this one is a proxy/);
  const system = explain({ mac: MAC, firmware: 'other' }, proxy, 0);
  assert.equal(first(system).reply, undefined);
  assert.match(why(system), /it does not want to boot/i);
});

test('the request in words is the one that was supposed', () => {
  const { request } = first(asked(new Rig()));
  assert.match(request[0]!, new RegExp(`^request, xid [0-9a-f]{8}, ${MAC}, broadcast$`));
  assert.ok(request.includes('53 DHCP Message Type: DISCOVER'));
});

const way = ({ exchanges }: Explanation) =>
  exchanges.map(({ stage, message, answer = 'silence', port }) => `${stage} ${message} ${port} ${answer}`);
const LOADED_BY_IPXE = [
  'firmware DISCOVER 67 OFFER',
  'firmware REQUEST 67 ACK',
  'ipxe DISCOVER 67 OFFER',
  'ipxe REQUEST 67 ACK',
];

test('a boot is explained to its end: firmware, then the iPXE that it was sent to, with one address for both', () => {
  const explained = asked(new Rig(), { architecture: 0 });
  assert.deepEqual(way(explained), LOADED_BY_IPXE);
  const addresses = explained.exchanges.map(({ reply }) => / yiaddr ([0-9.]+)/.exec(reply![0]!)?.[1]);
  assert.deepEqual(new Set(addresses), new Set(['10.0.0.10']));
  assert.equal(explained.exchanges[2]?.architecture, 0, 'undionly.kpxe says what the ROM said');
  assert.match(explained.exchanges[2]!.because.join(' '), /offered 10\.0\.0\.10: it has a lease on it/);
  assert.equal(asked(new Rig(), { firmware: 'http', architecture: 19 }).exchanges[2]?.architecture, 11);
  assert.deepEqual(way(asked(new Rig(), { firmware: 'ipxe' })), LOADED_BY_IPXE.slice(0, 2));
  assert.deepEqual(way(asked(new Rig(), { firmware: 'other' })), LOADED_BY_IPXE.slice(0, 2));
});

test('the REQUEST is for what was offered, also where that is an address that somebody else let lapse', () => {
  const rig = new Rig();
  for (let n = 2; n < 6; n++) rig.lease(`52:54:00:00:00:0${n}`);
  rig.now += 8000;
  const explained = asked(rig);
  assert.deepEqual(way(explained), LOADED_BY_IPXE);
  assert.match(why(explained), /the pool is used up, and of the leases that are over/);
  assert.match(explained.exchanges[1]!.because.join(' '), /given 10\.0\.0\.10 for 7200 s \(LEASE_TIME\)/);
  assert.equal(rig.scopes.local.book.leaseOf('1/52:54:00:00:00:02')?.state, 'bound', 'nobody lost anything');
});

test('a relay that is not answered is told as that alone, and with what names it', () => {
  for (const relay of ['192.0.2.7', SERVER]) {
    const options = relayOption({ 5: '10.1.0.1' });
    const packet = Buffer.from(message(MESSAGE.discover, { giaddr: relay, options })).toString('hex');
    const { scopes, now } = rigWith();
    const [told] = explainPacket({ bytes: packet, port: 67 }, { mode: 'server', scopes }, now).exchanges;
    assert.equal(told!.answer, undefined);
    assert.match(told!.trouble!, relay === SERVER ? /which is this server/ : /relay=192\.0\.2\.7/);
    assert.doesNotMatch(told!.because.join(' '), /It is offered/);
  }
});

test('where too many strangers ask, one is told that its next try is answered', () => {
  const rig = new Rig();
  for (let n = 0; n < 6; n++) rig.discover({ mac: `02:00:00:00:00:0${n}` });
  const { trouble, because } = first(asked(rig));
  assert.match(trouble!, /^Not answered at its first try: on the adapter itself.*next try within a minute/);
  assert.doesNotMatch(because.join(' '), /It is offered/);
});

test('what a message was told is not told again of the next, and what ends a boot is told as trouble', () => {
  const { exchanges } = asked(new Rig());
  for (const stage of ['firmware', 'ipxe']) {
    const said = exchanges.filter((one) => one.stage === stage).flatMap(({ because }) => because);
    assert.equal(new Set(said).size, said.length);
  }
  assert.ok(exchanges.every(({ trouble }) => trouble === undefined));
  assert.match(first(asked(rigWith(), { relay: ip('10.9.0.1') })).trouble!, /SUBNETS=/);
  assert.match(first(asked(new Rig(), { architecture: 6 })).trouble!, /^It wants to boot .*snponly-ia32/);
});

test('a loader that leads to GRUB is the last that dhcp hears of', () => {
  const plan = { ...SETTINGS.plan, loaders: { ...SETTINGS.plan.loaders, x64: 'shimx64.efi' } };
  assert.deepEqual(
    way(asked(new Rig({ settings: { plan } }), { architecture: 7 })),
    LOADED_BY_IPXE.slice(0, 2),
  );
});

test('beside another server UEFI asks on port 4011 as well, and a BIOS ROM does not', () => {
  const proxy = { mode: 'proxy', settings: SETTINGS } as const;
  const of = (architecture: number) => explain({ mac: MAC, firmware: 'pxe', architecture }, proxy, 0);
  assert.deepEqual(way(of(7)), [
    'firmware DISCOVER 67 OFFER',
    'firmware REQUEST 4011 ACK',
    'ipxe DISCOVER 67 OFFER',
  ]);
  assert.deepEqual(way(of(0)), ['firmware DISCOVER 67 OFFER', 'ipxe DISCOVER 67 OFFER']);
});

test('a boot server is asked alone with port 4011, by a server of addresses too', () => {
  assert.deepEqual(way(asked(new Rig(), { port: 4011 })), ['firmware REQUEST 4011 ACK']);
});

test('a machine that was heard before is answered as what it said, with what the server would say now', () => {
  const rig = new Rig();
  const packets = captured('ovmf-pxe-snponly').filter(
    ({ what }) => what === 'DISCOVER' || what === 'REQUEST',
  );
  const like = packets.map(({ bytes }) => ({ bytes: bytes.toString('hex'), port: 67 as const }));
  const { exchanges } = asked(rig, { architecture: 7, like });
  assert.deepEqual(way({ mode: 'server', exchanges }), LOADED_BY_IPXE);
  assert.equal(exchanges[0]?.requestBytes, like[0]?.bytes);
  const request = decodePacket(Buffer.from(exchanges[1]!.requestBytes, 'hex'));
  assert.equal(
    Buffer.from(request.options.get(54)!).join('.'),
    '10.0.0.1',
    'this server, not the one of the capture',
  );
  assert.equal(Buffer.from(request.options.get(50)!).join('.'), '10.0.0.10');
  for (const { requestBytes, bytes } of exchanges) {
    const { outcome } = rig.bytes(Buffer.from(requestBytes, 'hex'));
    assert.equal(bytes, Buffer.from(outcome.answer!.bytes).toString('hex'));
  }
});

test('whatever is captured is explained, packet by packet, as the engine then answers it', () => {
  const rig = rigWith();
  let answered = 0;
  for (const { bytes, what } of captured()) {
    if (!/DISCOVER|REQUEST|INFORM|DECLINE|RELEASE/.test(what)) continue;
    const packet = { bytes: bytes.toString('hex'), port: 67 as const };
    const { exchanges } = explainPacket(packet, { mode: 'server', scopes: rig.scopes }, rig.now);
    const { outcome, to } = rig.bytes(bytes);
    const sent = outcome.answer && Buffer.from(outcome.answer.bytes).toString('hex');
    assert.equal(exchanges[0]?.bytes, sent);
    if (sent) assert.equal(exchanges[0]?.destination, to.replace(/ via .*/, ''));
    if (sent) answered += 1;
  }
  assert.ok(answered > 20);
});
