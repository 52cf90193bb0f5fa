import type { Client, Firmware } from '../boot/client.ts';
import type { Plan } from '../boot/plan.ts';
import { MESSAGE, OPTION } from '../protocol/dhcp/codes.ts';
import { layoutOf, type Place } from '../protocol/dhcp/layout.ts';
import { encodePacket, type Packet } from '../protocol/dhcp/packet.ts';
import type { Ipv4 } from '../protocol/ipv4.ts';
import type { Kind } from './kinds.ts';
import { leaseReply, type ReplySettings } from './reply.ts';

/** All that a reply with an address is made of. */
export interface ReplyOrder {
  readonly type: typeof MESSAGE.offer | typeof MESSAGE.ack;
  readonly request: Packet;
  readonly client: Client;
  readonly address: Ipv4;
  readonly plan: Plan;
  readonly settings: ReplySettings;
}

/** On the wire, and the options that did not fit into what the client can take. */
export interface WrittenReply {
  readonly bytes: Uint8Array;
  readonly left: readonly number[];
}

/** Fields of the request that stand in the reply as they are: at, length. xid, flags, giaddr and chaddr; htype and hlen. */
const COPIED = [
  [1, 2],
  [4, 4],
  [10, 2],
  [24, 4],
  [28, 16],
] as const;
const CIADDR_AT = 12;
const YIADDR_AT = 16;
/** Options that are given back with the value that the client sent. */
const ECHOED = [
  OPTION.clientIdentifier,
  OPTION.clientMachineId,
  OPTION.relayAgent,
  OPTION.subnetSelection,
] as const;

/**
 * A reply with blanks: machines of one kind that are to load the same get the same, but for the address, the transaction and what they call
 * themselves.
 */
export class ReplyForm {
  readonly left: readonly number[];
  readonly #order: ReplyOrder;
  readonly #firmware: Firmware;
  readonly #bytes: Uint8Array;
  /** From, to, length; and again. */
  readonly #blanks: readonly number[];

  constructor(order: ReplyOrder, { bytes, left }: WrittenReply, kind: Kind, places: readonly Place[]) {
    this.#order = order;
    this.#firmware = order.client.firmware;
    this.#bytes = bytes;
    this.left = left;
    const echoed = ECHOED.flatMap((code) => {
      const from = kind.places.get(code);
      const to = places.find((place) => place.code === code);
      return from && to ? [from.at, to.at, to.length] : [];
    });
    const ciaddr = order.type === MESSAGE.ack ? [CIADDR_AT, CIADDR_AT, 4] : [];
    this.#blanks = [...COPIED.flatMap(([at, length]) => [at, at, length]), ...ciaddr, ...echoed];
  }

  fits({ type, request, client, plan, settings }: ReplyOrder): boolean {
    const own = this.#order;
    return (
      own.type === type &&
      own.settings === settings &&
      // Options are given back to relays that clients get back from nobody.
      (own.request.giaddr === 0) === (request.giaddr === 0) &&
      this.#firmware === client.firmware &&
      isSame(own.plan, plan)
    );
  }

  /** @param bytes the request's. */
  fill(bytes: Uint8Array, address: Ipv4): Uint8Array {
    const reply = Buffer.allocUnsafe(this.#bytes.length);
    reply.set(this.#bytes);
    const blanks = this.#blanks;
    for (let blank = 0; blank < blanks.length; blank += 3) {
      const from = blanks[blank]!;
      const to = blanks[blank + 1]!;
      const length = blanks[blank + 2]!;
      for (let at = 0; at < length; at++) reply[to + at] = bytes[from + at]!;
    }
    reply[YIADDR_AT] = address >>> 24;
    reply[YIADDR_AT + 1] = address >>> 16;
    reply[YIADDR_AT + 2] = address >>> 8;
    reply[YIADDR_AT + 3] = address;
    return reply;
  }
}

/**
 * OFFER, or ACK of a REQUEST, as leaseReply makes it.
 *
 * @param message the request as it came, and its kind if it has one.
 */
export function writeLease(
  order: ReplyOrder,
  message: { readonly bytes: Uint8Array; readonly kind: Kind | undefined },
): WrittenReply {
  const { kind, bytes } = message;
  const form = kind?.forms.find((one) => one.fits(order));
  if (form) return { bytes: form.fill(bytes, order.address), left: form.left };
  const written = inFull(order);
  const places = kind && layoutOf(written.bytes);
  if (places) kind.addForm(new ReplyForm(order, written, kind, places));
  return written;
}

function inFull({ type, request, client, address, plan, settings }: ReplyOrder): WrittenReply {
  const { packet, left } = leaseReply(type, request, client, address, plan, settings);
  return { bytes: encodeFor(client, packet), left };
}

/** A Raspberry Pi ignores replies with padding (rpi-eeprom issues 82 and 182). */
export function encodeFor({ firmware }: Client, packet: Packet): Uint8Array {
  return firmware === 'raspberry-pi' ? encodePacket(packet, 0) : encodePacket(packet);
}

function isSame(one: Plan, other: Plan): boolean {
  return (
    one.kind === other.kind &&
    ('file' in one ? one.file : '') === ('file' in other ? other.file : '') &&
    ('url' in one ? one.url : '') === ('url' in other ? other.url : '')
  );
}
