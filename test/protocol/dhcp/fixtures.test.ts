import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
// Registers what the `dhcp` package does not know, so that it can read PXE packets.
import { dissect } from '../../../src/journal/dissection.ts';
import { messageName, OPTION } from '../../../src/protocol/dhcp/codes.ts';
import { byteOf } from '../../../src/protocol/dhcp/options.ts';
import { decodePacket, encodePacket } from '../../../src/protocol/dhcp/packet.ts';
import { formatIpv4 } from '../../../src/protocol/ipv4.ts';
import { captured } from '../../fixtures/dhcp.ts';

const foreign = createRequire(import.meta.url)('dhcp/lib/protocol.js') as {
  parse(bytes: Buffer): {
    xid: number;
    yiaddr: string;
    chaddr: string;
    file: string;
    options: Record<number, unknown>;
  };
};

const captures = Map.groupBy(captured(), ({ capture }) => capture);

for (const [capture, messages] of captures) {
  test(`${capture}: every message is read, written and read again without loss`, () => {
    for (const { what, bytes } of messages) {
      const packet = decodePacket(bytes);
      assert.equal(messageName(byteOf(packet.options, OPTION.messageType)!), what);
      assert.deepEqual(decodePacket(encodePacket(packet)), packet);
      assert.ok(dissect(packet).length > 2);
    }
  });

  test(`${capture}: a message cut anywhere fails by DecodeError or not at all`, () => {
    for (const { bytes } of messages) {
      for (let length = 0; length < bytes.length; length++) {
        try {
          decodePacket(bytes.subarray(0, length));
        } catch (error) {
          assert.equal((error as Error).name, 'DecodeError');
        }
      }
    }
  });

  test(`${capture}: every message, as we write it, is read alike by the dhcp package`, () => {
    for (const { bytes } of messages) {
      const packet = decodePacket(bytes);
      // The package skips two bytes at a pad option: it is given what we encode, which has none before the end.
      const theirs = foreign.parse(Buffer.from(encodePacket(packet)));
      assert.equal(theirs.xid, packet.xid);
      assert.equal(theirs.yiaddr, formatIpv4(packet.yiaddr));
      assert.equal(theirs.file, packet.file);
      assert.deepEqual(
        Object.keys(theirs.options).map(Number),
        [...packet.options.keys()].sort((a, b) => a - b),
      );
      assert.equal(theirs.options[53], byteOf(packet.options, 53));
    }
  });
}
