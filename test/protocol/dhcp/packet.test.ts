import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OPTION } from '../../../src/protocol/dhcp/codes.ts';
import { decodePacket, encodePacket, type Packet } from '../../../src/protocol/dhcp/packet.ts';
import { DecodeError } from '../../../src/protocol/error.ts';

const u8 = fc.nat(255);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffffffff);
const name = (longest: number) =>
  fc
    .array(fc.integer({ min: 1, max: 255 }), { maxLength: longest })
    .map((codes) => String.fromCharCode(...codes));
const options = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 254 }), fc.uint8Array({ maxLength: 700 })), { maxLength: 12 })
  // Overload says where options are, and is no option of the message itself.
  .map((entries) => new Map(entries.filter(([code]) => code !== OPTION.overload)));

const packets: fc.Arbitrary<Packet> = fc.record({
  op: fc.constantFrom(1, 2),
  htype: u8,
  hlen: fc.nat(16),
  hops: u8,
  xid: u32,
  secs: u16,
  flags: u16,
  ciaddr: u32,
  yiaddr: u32,
  siaddr: u32,
  giaddr: u32,
  chaddr: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  sname: name(63),
  file: name(127),
  options,
});

function plain(packet: Packet) {
  const bytes = (value: Uint8Array) => Buffer.from(value).toString('hex');
  const sorted = [...packet.options]
    .map(([code, value]) => [code, bytes(value)] as const)
    .sort(([a], [b]) => a - b);
  return { ...packet, chaddr: bytes(packet.chaddr), options: sorted };
}

test('a packet that is encoded and decoded is the same packet', () => {
  fc.assert(
    fc.property(packets, (packet) => {
      assert.deepEqual(plain(decodePacket(encodePacket(packet))), plain(packet));
    }),
    { numRuns: 2000 },
  );
});

test('any bytes decode to a packet or to a DecodeError', () => {
  const header = Buffer.concat([Buffer.of(1, 1, 6, 0), Buffer.alloc(232), Buffer.of(0x63, 0x82, 0x53, 0x63)]);
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 700 }),
    fc.uint8Array({ maxLength: 700 }).map((tail) => Buffer.concat([header, tail])),
    fc.tuple(packets, fc.nat(600), u8).map(([packet, at, value]) => {
      const bytes = encodePacket(packet);
      bytes[at % bytes.length] = value;
      return bytes;
    }),
    fc.tuple(packets, fc.nat(600)).map(([packet, at]) => encodePacket(packet).subarray(0, at)),
  );
  fc.assert(
    fc.property(anything, (bytes) => {
      try {
        decodePacket(bytes);
      } catch (error) {
        assert.ok(error instanceof DecodeError, String(error));
      }
    }),
    { numRuns: 20_000 },
  );
});

const base: Packet = {
  op: 1,
  htype: 1,
  hlen: 6,
  hops: 0,
  xid: 7,
  secs: 0,
  flags: 0,
  ciaddr: 0,
  yiaddr: 0,
  siaddr: 0,
  giaddr: 0,
  chaddr: new Uint8Array(16),
  sname: '',
  file: '',
  options: new Map([[53, Uint8Array.of(1)]]),
};

test('a packet is never shorter than the 300 bytes of BOOTP', () => {
  assert.equal(encodePacket(base).length, 300);
});

test('the message type comes first and the relay agent information last', () => {
  const bytes = encodePacket({
    ...base,
    options: new Map([
      [82, Uint8Array.of(9)],
      [61, Uint8Array.of(1)],
      [53, Uint8Array.of(2)],
      [1, Uint8Array.of(255, 0, 0, 0)],
    ]),
  });
  assert.equal(Buffer.from(bytes.subarray(240, 256)).toString('hex'), '3501023d01010104ff000000520109ff');
});

function withOptions(hex: string, file = '', sname = ''): Uint8Array {
  const bytes = Buffer.concat([encodePacket(base).subarray(0, 240), Buffer.from(hex, 'hex')]);
  bytes.set(Buffer.from(sname, 'hex'), 44);
  bytes.set(Buffer.from(file, 'hex'), 108);
  return bytes;
}

test('a pad option is one byte and shifts nothing', () => {
  const packet = decodePacket(withOptions('3501010000003d0201aa00ff'));
  assert.deepEqual([...packet.options.keys()], [53, 61]);
});

test('instances of one option are joined in order', () => {
  const packet = decodePacket(withOptions('35010143014143024243ff'));
  assert.equal(Buffer.from(packet.options.get(67)!).toString(), 'ABC');
});

test('options continue in file and then in sname where option 52 says so', () => {
  const packet = decodePacket(withOptions('350101340103430141ff', '430142ff', '430143ff'));
  assert.equal(Buffer.from(packet.options.get(67)!).toString(), 'ABC');
  assert.equal(packet.file, '');
  assert.equal(packet.sname, '');
  assert.ok(!packet.options.has(52));
});

test('a missing end option is borne', () => {
  assert.deepEqual([...decodePacket(withOptions('350101')).options.keys()], [53]);
});

for (const [what, bytes] of [
  ['an option that reaches past the end', withOptions('3501010cff41')],
  ['an option without a length', withOptions('3501010c')],
  ['a wrong cookie', Buffer.concat([Buffer.of(1, 1, 6), Buffer.alloc(297)])],
  ['an empty datagram', new Uint8Array(0)],
  ['a packet that ends inside chaddr', encodePacket(base).subarray(0, 30)],
  ['an op that is neither request nor reply', Buffer.concat([Buffer.of(3), encodePacket(base).subarray(1)])],
  ['an hlen of more than chaddr holds', Buffer.concat([Buffer.of(1, 1, 17), encodePacket(base).subarray(3)])],
] as const) {
  test(`${what} is a DecodeError that says where`, () => {
    assert.throws(
      () => decodePacket(bytes),
      (error: Error) => error instanceof DecodeError && /at byte \d+/.test(error.message),
    );
  });
}

test('a boot file that does not fit its field is the caller’s defect', () => {
  assert.throws(() => encodePacket({ ...base, file: 'x'.repeat(128) }), RangeError);
});
