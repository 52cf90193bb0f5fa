import { type Traits, traitsOf } from '../boot/client.ts';
import { latin1 } from '../protocol/bytes.ts';
import { OP, OPTION } from '../protocol/dhcp/codes.ts';
import { LaidOutOptions, layoutKey, layoutOf, type Place } from '../protocol/dhcp/layout.ts';
import { decodePacket, FILE_AT, OPTIONS_AT, type Packet, SNAME_AT } from '../protocol/dhcp/packet.ts';
import { DecodeError } from '../protocol/error.ts';
import type { ReplyForm } from './reply-form.ts';

/** Values that differ between messages of machines of one model; their lengths do not. */
const OWN: readonly number[] = [
  OPTION.hostName,
  OPTION.requestedAddress,
  OPTION.serverIdentifier,
  OPTION.clientIdentifier,
  OPTION.relayAgent,
  OPTION.clientMachineId,
  OPTION.subnetSelection,
];

const COOKIE_AT = OPTIONS_AT - 4;
const CHADDR_AT = 28;
const CHADDR_SIZE = 16;
const MOST_KINDS = 256;
const MOST_FORMS = 16;

/**
 * One message as machines of one model send it, word for word but for who they are. What is known of one of them is known of all: where its options
 * stand, what it is taken for, and how the answers to it look.
 */
export class Kind {
  readonly traits: Traits;
  readonly places: ReadonlyMap<number, Place>;
  /** The answers that were given to such messages; see reply-form.ts. */
  readonly forms: ReplyForm[] = [];
  readonly #sample: Uint8Array;
  /** Begin and end, and again, of what is the same in all of them. */
  readonly #same: readonly number[];

  constructor(sample: Uint8Array, places: readonly Place[]) {
    this.#sample = new Uint8Array(sample);
    this.places = new Map(places.map((place) => [place.code, place]));
    this.traits = traitsOf(new LaidOutOptions(this.#sample, this.places));
    const own = places.filter(({ code }) => OWN.includes(code));
    this.#same = [COOKIE_AT, ...own.flatMap(({ at, length }) => [at, at + length]), sample.length];
  }

  includes(bytes: Uint8Array): boolean {
    const sample = this.#sample;
    const same = this.#same;
    if (bytes.length !== sample.length || bytes[0] !== OP.request || bytes[2]! > CHADDR_SIZE) return false;
    for (let part = 0; part < same.length; part += 2) {
      const end = same[part + 1]!;
      for (let at = same[part]!; at < end; at++) if (bytes[at] !== sample[at]) return false;
    }
    return true;
  }

  /** What decodePacket makes of it, which leaves the options where they are. */
  read(bytes: Uint8Array): Packet {
    return {
      op: OP.request,
      htype: bytes[1]!,
      hlen: bytes[2]!,
      hops: bytes[3]!,
      xid: long(bytes, 4),
      secs: (bytes[8]! << 8) | bytes[9]!,
      flags: (bytes[10]! << 8) | bytes[11]!,
      ciaddr: long(bytes, 12),
      yiaddr: long(bytes, 16),
      siaddr: long(bytes, 20),
      giaddr: long(bytes, 24),
      chaddr: bytes.subarray(CHADDR_AT, CHADDR_AT + CHADDR_SIZE),
      sname: name(bytes, SNAME_AT, FILE_AT),
      file: name(bytes, FILE_AT, COOKIE_AT),
      options: new LaidOutOptions(bytes, this.places),
    };
  }

  addForm(form: ReplyForm): void {
    if (this.forms.length >= MOST_FORMS) this.forms.length = 0;
    this.forms.push(form);
  }
}

/** The kinds of messages that were heard, a bounded number of them. */
export class Kinds {
  readonly #byKey = new Map<number, Kind>();

  /** The kind that the message is of; undefined where it is like no other, or no message at all. */
  of(bytes: Uint8Array): Kind | undefined {
    const key = layoutKey(bytes);
    const known = this.#byKey.get(key);
    return known?.includes(bytes) ? known : this.#learn(key, bytes);
  }

  #learn(key: number, bytes: Uint8Array): Kind | undefined {
    const places = isRequest(bytes) ? layoutOf(bytes) : undefined;
    if (!places) return undefined;
    // Whoever makes up ever new ones makes this forget, and nothing worse.
    if (this.#byKey.size >= MOST_KINDS) this.#byKey.clear();
    const kind = new Kind(bytes, places);
    this.#byKey.set(key, kind);
    return kind;
  }
}

function isRequest(bytes: Uint8Array): boolean {
  if (bytes[0] !== OP.request) return false;
  try {
    decodePacket(bytes);
    return true;
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}

function long(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** Up to its first NUL. Firmware leaves both fields empty. */
function name(bytes: Uint8Array, from: number, to: number): string {
  if (bytes[from] === 0) return '';
  const field = bytes.subarray(from, to);
  const nul = field.indexOf(0);
  return latin1(nul < 0 ? field : field.subarray(0, nul));
}
