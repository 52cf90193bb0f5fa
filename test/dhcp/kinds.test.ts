import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { handle } from '../../src/dhcp/engine.ts';
import { Kinds } from '../../src/dhcp/kinds.ts';
import type { EngineSettings } from '../../src/dhcp/question.ts';
import { Scope, type Scopes } from '../../src/dhcp/scope.ts';
import { LeaseBook } from '../../src/leases/book.ts';
import { MESSAGE, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { layoutKey, layoutOf } from '../../src/protocol/dhcp/layout.ts';
import { decodePacket, encodePacket, type Packet } from '../../src/protocol/dhcp/packet.ts';
import { captured } from '../fixtures/dhcp.ts';
import { ip, message, POOL, SERVER, SETTINGS } from './rig.ts';

const requests = captured().filter(({ bytes }) => bytes[0] === 1);

function plain(packet: Packet) {
  const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');
  return {
    ...packet,
    chaddr: hex(packet.chaddr),
    options: [...packet.options].map(([code, value]) => [code, hex(value)]),
  };
}

/** A server whose loaders come and go, with a pool of its own behind a relay that is its gateway. */
function scopes(hasLoader: () => boolean): Scopes {
  const settings: EngineSettings = {
    ...SETTINGS,
    newLeaseTime: 600,
    plan: { ...SETTINGS.plan, hasLoader },
    served: { ...SETTINGS.served, subnets: [SETTINGS.subnet, { network: ip('10.1.0.0'), prefix: 24 }] },
  };
  const behind = { ...settings, subnet: { network: ip('10.1.0.0'), prefix: 24 } };
  const pool = { first: ip('10.1.0.10'), count: 50, reserved: [] };
  return {
    local: new Scope(settings, new LeaseBook({ ...POOL, count: 50 })),
    relayed: [new Scope(behind, new LeaseBook(pool), 'relay')],
  };
}

/** A ROM, UEFI, iPXE and an installed system. */
const seeds = ['relay-bios', 'ovmf-pxe-snponly', 'udhcpc'].flatMap((name) =>
  captured(name).filter(({ bytes }) => bytes[0] === 1),
);
const u8 = fc.nat(255);
const short = (...lengths: number[]) =>
  fc.constantFrom(...lengths).chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
const word = fc.uint8Array({ minLength: 4, maxLength: 4 });
/** What a captured message is changed into: another machine, other addresses, another relay, damage. */
const change = fc.record({
  from: fc.nat(seeds.length - 1),
  xid: fc.nat(0xffffffff),
  mac: fc.constantFrom('525400000001', '525400000002', 'dca632000003', '525400000004'),
  giaddr: fc.constantFrom(0, ip('10.1.0.1'), ip('10.1.0.2'), ip('10.0.0.200'), ip('172.16.0.1')),
  flags: fc.constantFrom(0, 0x8000),
  ciaddr: fc.constantFrom(0, 0, ip('10.0.0.10'), ip('10.1.0.10')),
  requested: fc.constantFrom('10.0.0.10', '10.0.0.11', '10.1.0.10'),
  server: fc.constantFrom(SERVER, SERVER, '10.0.0.99'),
  id: fc.option(short(0, 7)),
  machine: fc.option(fc.oneof(fc.constant(Buffer.from('\0RPi4aaaaaaaaaaaa')), short(17))),
  hostName: fc.option(short(4), { freq: 1 }),
  relayAgent: fc.option(
    fc.oneof(
      word.map((at) => Buffer.from([1, 2, 7, 8, 11, 4, ...at])),
      fc.constant(Buffer.from([5, 4, 10, 1, 0, 7])),
      short(0, 6),
    ),
  ),
  selected: fc.option(fc.constantFrom('10.1.0.7', '10.0.0.7')),
  size: fc.constantFrom(undefined, undefined, 576, 600, 1472),
  loader: fc.boolean(),
  damage: fc.option(fc.tuple(fc.nat(600), u8), { freq: 8 }),
});

function changed(what: Parameters<Parameters<typeof change.map>[0]>[0]): Uint8Array {
  const packet = decodePacket(seeds[what.from]!.bytes);
  const options = new Map(packet.options);
  const set = (code: number, value: Uint8Array | null) => value && options.set(code, value);
  const long = (value: number) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
  if (options.has(OPTION.requestedAddress)) set(OPTION.requestedAddress, long(ip(what.requested)));
  if (options.has(OPTION.serverIdentifier)) set(OPTION.serverIdentifier, long(ip(what.server)));
  set(OPTION.clientIdentifier, what.id);
  set(OPTION.clientMachineId, what.machine);
  set(OPTION.hostName, what.hostName);
  set(OPTION.relayAgent, what.relayAgent);
  set(OPTION.subnetSelection, what.selected && long(ip(what.selected)));
  if (what.size) set(OPTION.maxMessageSize, Uint8Array.of(what.size >> 8, what.size));
  const { xid, giaddr, flags, ciaddr } = what;
  const chaddr = Buffer.concat([Buffer.from(what.mac, 'hex'), Buffer.alloc(10)]);
  const bytes = encodePacket({ ...packet, xid, giaddr, flags, ciaddr, chaddr, options });
  if (what.damage && what.damage[0] < bytes.length) bytes[what.damage[0]] = what.damage[1];
  return bytes;
}

test('messages are answered alike, whether others like them were heard before or not', () => {
  let known = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 20, maxLength: 40 }), (changes) => {
      let loader = true;
      const [with_, without] = [scopes(() => loader), scopes(() => loader)];
      const kinds = new Kinds();
      for (const what of changes) {
        loader = what.loader;
        const bytes = changed(what);
        if ((kinds.of(bytes)?.forms.length ?? 0) > 0) known += 1;
        assert.deepEqual(
          handle(bytes, ip('10.0.0.77'), with_, 1000, undefined, kinds),
          handle(bytes, ip('10.0.0.77'), without, 1000),
        );
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(known > 200, `${known} messages were like one before`);
});

test('every captured request reads the same by its kind as it decodes', () => {
  const kinds = new Kinds();
  for (const { bytes } of requests) {
    // The second time it is known.
    kinds.of(bytes);
    assert.deepEqual(plain(kinds.of(bytes)!.read(bytes)), plain(decodePacket(bytes)));
  }
});

test('what cannot be decoded is of no kind, and neither is what has its options in parts or elsewhere', () => {
  const kinds = new Kinds();
  const whole = message(MESSAGE.discover);
  const twice = message(MESSAGE.discover, { options: { [OPTION.hostName]: Buffer.alloc(300, 'x') } });
  const elsewhere = message(MESSAGE.discover, { options: { [OPTION.overload]: Uint8Array.of(1) } });
  assert.ok(kinds.of(whole));
  assert.equal(kinds.of(twice), undefined);
  assert.equal(kinds.of(elsewhere), undefined);
  assert.equal(kinds.of(whole.subarray(0, 239)), undefined);
  assert.equal(kinds.of(Buffer.concat([whole.subarray(0, 243), Buffer.of(60, 200, 1)])), undefined);
  assert.equal(kinds.of(whole.with(0, 2)), undefined, 'a reply');
  assert.equal(kinds.of(whole.with(2, 17)), undefined, 'a hardware address longer than its field');
  assert.equal(kinds.of(whole.with(236, 0)), undefined, 'no cookie');
});

test('any bytes have a layout key', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => Number.isInteger(layoutKey(bytes))));
});

test('a layout says where every option stands', () => {
  const { bytes } = requests[0]!;
  const { options } = decodePacket(bytes);
  const found = layoutOf(bytes)!.map(({ code, at, length }) => [code, ...bytes.subarray(at, at + length)]);
  assert.deepEqual(
    found,
    [...options].map(([code, value]) => [code, ...value]),
  );
});

test('whoever makes up ever new kinds of messages fills no memory', () => {
  const kinds = new Kinds();
  const first = message(MESSAGE.discover);
  const known = kinds.of(first);
  assert.equal(kinds.of(first), known);
  for (let n = 1; n < 2000; n++) {
    const options = { [OPTION.vendorClass]: Buffer.alloc(1 + (n % 250)), 200: Buffer.alloc(1 + (n >> 8)) };
    kinds.of(message(MESSAGE.discover, { options }));
  }
  assert.notEqual(kinds.of(first), known);
});
