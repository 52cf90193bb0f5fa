import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromLatin1 } from '../../../src/protocol/bytes.ts';
import { DecodeError } from '../../../src/protocol/error.ts';
import { decode, encode, encodeData } from '../../../src/protocol/tftp/codec.ts';
import type { Packet } from '../../../src/protocol/tftp/packet.ts';
import { captured } from './captured.ts';

const u16 = fc.integer({ min: 0, max: 65535 });
const character = fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code));
const text = fc.string({ unit: character, maxLength: 40 });
const optionName = fc.string({ unit: character, minLength: 1, maxLength: 12 }).map((s) => s.toLowerCase());
const latin1Name = optionName.filter((name) => [...name].every((c) => c.charCodeAt(0) < 256));
const options = fc
  .uniqueArray(fc.tuple(latin1Name, text), { selector: ([name]) => name })
  .map((o) => new Map(o));
const anyPacket: fc.Arbitrary<Packet> = fc.oneof(
  fc.record({ type: fc.constantFrom('rrq' as const, 'wrq' as const), file: text, mode: text, options }),
  fc.record({
    type: fc.constant('data' as const),
    block: u16,
    data: fc.uint8Array({ maxLength: 600 }).map((bytes) => Uint8Array.from(bytes)),
  }),
  fc.record({ type: fc.constant('ack' as const), block: u16 }),
  fc.record({ type: fc.constant('error' as const), code: u16, message: text }),
  fc.record({ type: fc.constant('oack' as const), options }),
);

for (const { from, payload, packet } of captured) {
  test(`the packet of ${from} is read, and written byte for byte`, () => {
    assert.deepEqual(decode(fromLatin1(payload)), packet);
    assert.deepEqual(Buffer.from(encode(packet)), Buffer.from(payload, 'latin1'));
  });

  test(`no cut of the packet of ${from} is anything but a packet or a DecodeError`, () => {
    const bytes = fromLatin1(payload);
    for (let length = 0; length < bytes.length; length++) {
      try {
        decode(bytes.subarray(0, length));
      } catch (error) {
        assert.ok(error instanceof DecodeError, String(error));
      }
    }
  });
}

test('every packet comes back as it was encoded', () => {
  fc.assert(
    fc.property(anyPacket, (packet) => {
      assert.deepEqual(plain(decode(encode(packet))), plain(packet));
    }),
  );
});

test('any bytes are a packet or a DecodeError', () => {
  const opening = fc.tuple(fc.integer({ min: 0, max: 8 }), fc.uint8Array({ maxLength: 200 }));
  const likely = opening.map(([opcode, rest]) => Uint8Array.from([0, opcode, ...rest]));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), likely), (bytes) => {
      try {
        decode(bytes);
      } catch (error) {
        assert.ok(error instanceof DecodeError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

const rejected: Record<string, string> = {
  'an empty datagram': '',
  'a datagram of one byte': '\0',
  'an unknown opcode': '\0\x07abc',
  'a request without an end to its file name': '\0\x01abc',
  'a request without a mode': '\0\x01abc\0',
  'an option without a value': '\0\x01abc\0octet\0blksize\0',
  'a value without an end': '\0\x01abc\0octet\0blksize\x00512',
  'an ACK without a block': '\0\x04\0',
  'DATA without a block': '\0\x03\x01',
  'an ERROR without a code': '\0\x05',
};

for (const [name, payload] of Object.entries(rejected)) {
  test(`${name} is a DecodeError`, () => {
    assert.throws(() => decode(fromLatin1(payload)), DecodeError);
  });
}

test('option names are the same in any case', () => {
  const packet = decode(fromLatin1('\0\x01f\0OCTET\0BLKSIZE\x001024\0WindowSize\x008\0'));
  assert.ok(packet.type === 'rrq');
  assert.equal(packet.options.get('blksize'), '1024');
  assert.equal(packet.options.get('windowsize'), '8');
});

test('of an option that is sent twice the first counts', () => {
  const packet = decode(fromLatin1('\0\x01f\0octet\0blksize\x001024\0BlkSize\x0016\0'));
  assert.ok(packet.type === 'rrq');
  assert.deepEqual([...packet.options], [['blksize', '1024']]);
});

test('a request that is padded with NULs is read', () => {
  const packet = decode(fromLatin1(`\0\x01f\0octet\0tsize\x000\0${'\0'.repeat(400)}`));
  assert.ok(packet.type === 'rrq');
  assert.deepEqual([...packet.options], [['tsize', '0']]);
});

test('an ERROR without a final NUL, or without a message, is read', () => {
  assert.deepEqual(decode(fromLatin1('\0\x05\0\x03full')), { type: 'error', code: 3, message: 'full' });
  assert.deepEqual(decode(fromLatin1('\0\x05\0\0')), { type: 'error', code: 0, message: '' });
});

test('a block number beyond 16 bits is cut to them, however large', () => {
  const blockOf = (block: number) =>
    (decode(encodeData(block, new Uint8Array(0))) as { block: number }).block;
  assert.equal(blockOf(65535), 65535);
  assert.equal(blockOf(65536), 0);
  assert.equal(blockOf(2 ** 40 + 7), 7);
});

/** Comparable: without prototypes, and with data as numbers whatever it is a view of. */
function plain(packet: Packet): unknown {
  return packet.type === 'data' ? { ...packet, data: [...packet.data] } : { ...packet };
}
