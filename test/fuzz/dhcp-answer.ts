import assert from 'node:assert/strict';
import { MESSAGE, OP, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { byteOf } from '../../src/protocol/dhcp/options.ts';
import { decodePacket, type Packet } from '../../src/protocol/dhcp/packet.ts';
import { BROADCAST, formatIpv4, type Ipv4, isHost, type Subnet } from '../../src/protocol/ipv4.ts';
import type { Sent } from './sent.ts';

/** Bytes that an answer may have more than its question: what a client takes that does not say more (RFC 2131 §2). */
export const MOST_ADDED = 548;

const ANSWERS: readonly (number | undefined)[] = [MESSAGE.offer, MESSAGE.ack, MESSAGE.nak];

/** What a server serves, as it was set. */
export interface Network {
  readonly subnets: readonly Subnet[];
  readonly relays: readonly Ipv4[];
  readonly own: readonly Ipv4[];
}

/** False for what must be met with silence: what is no DHCP request, comes from the server itself, or through a relay that is nobody here. */
export function isAnswerable(bytes: Uint8Array, sender: Ipv4, { subnets, relays, own }: Network): boolean {
  let request: Packet;
  try {
    request = decodePacket(bytes);
  } catch {
    return false;
  }
  const { op, giaddr } = request;
  if (op !== OP.request || own.includes(sender) || own.includes(giaddr)) return false;
  return giaddr === 0 || relays.includes(giaddr) || subnets.some((subnet) => isHostOf(subnet, giaddr));
}

/** Holds where an answer may go: to all on the wire, to the relay that asked, or to a machine of a subnet that is served. */
export function checkDestination(address: Ipv4, giaddr: Ipv4, { subnets, relays, own }: Network): void {
  const isRelay = address === giaddr && relays.includes(address);
  const isHere = subnets.some((subnet) => isHostOf(subnet, address)) && !own.includes(address);
  assert.ok(
    isRelay || isHere || address === BROADCAST,
    `an answer to ${formatIpv4(address)}, which is nobody’s here`,
  );
}

function isHostOf({ network, prefix }: Subnet, address: Ipv4): boolean {
  const last = network + 2 ** (32 - prefix) - 1;
  return address > network && address < last;
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
