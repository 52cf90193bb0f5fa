import assert from 'node:assert/strict';
import { MESSAGE, OP, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { byteOf } from '../../src/protocol/dhcp/options.ts';
import { decodePacket, type Packet } from '../../src/protocol/dhcp/packet.ts';
import { BROADCAST, formatIpv4, isHost } from '../../src/protocol/ipv4.ts';
import type { Sent } from './sent.ts';

/** Bytes that an answer may have more than its question: what a client takes that does not say more (RFC 2131 §2). */
export const MOST_ADDED = 548;

const ANSWERS: readonly (number | undefined)[] = [MESSAGE.offer, MESSAGE.ack, MESSAGE.nak];

/** False for what must be met with silence: what is no DHCP request. */
export function isAnswerable(bytes: Uint8Array): boolean {
  try {
    return decodePacket(bytes).op === OP.request;
  } catch {
    return false;
  }
}

/** Holds what is true of every answer, whoever gives it. @returns the answer. */
export function checkAnswer({ bytes, address }: Sent, heard: readonly Uint8Array[]): Packet {
  const answer = decodePacket(bytes);
  assert.equal(answer.op, OP.reply);
  assert.ok(ANSWERS.includes(byteOf(answer.options, OPTION.messageType)), 'an OFFER, an ACK or a NAK');
  assert.ok(isHost(address) || address === BROADCAST, `an answer to ${formatIpv4(address)}`);
  const asked = heard.filter((message) => {
    const same = message.length >= 44 && Buffer.compare(message.subarray(4, 8), bytes.subarray(4, 8)) === 0;
    return same && Buffer.compare(message.subarray(28, 44), bytes.subarray(28, 44)) === 0;
  });
  assert.ok(asked.length > 0, 'an answer to somebody who asked, by xid and hardware address');
  const longest = Math.max(...asked.map(({ length }) => length));
  assert.ok(bytes.length <= longest + MOST_ADDED, `${bytes.length} bytes for ${longest}`);
  return answer;
}
