import assert from 'node:assert/strict';
import { classify } from '../../src/boot/client.ts';
import { dissect, optionName } from '../../src/journal/dissection.ts';
import { LaidOutOptions, layoutKey, layoutOf } from '../../src/protocol/dhcp/layout.ts';
import {
  decodePacket,
  encodePacket,
  LONGEST_FILE,
  LONGEST_SNAME,
  type Packet,
} from '../../src/protocol/dhcp/packet.ts';
import { relayInfo } from '../../src/protocol/dhcp/relay.ts';
import { DecodeError } from '../../src/protocol/error.ts';
import { blockOfAck, decode, encode } from '../../src/protocol/tftp/codec.ts';
import { negotiate } from '../../src/protocol/tftp/negotiate.ts';
import { ascii, judge, printable } from '../../src/tftp/request.ts';
import { ENVELOPE, makeMessage, SEEDS } from './dhcp-inputs.ts';
import type { Random } from './random.ts';
import type { Target, Trial } from './target.ts';
import { makeDatagram, openDatagram, TFTP_SEEDS } from './tftp-inputs.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** What the bytes are, or why they are nothing: only a DecodeError says that. */
function read<T>(bytes: Uint8Array, decoder: (bytes: Uint8Array) => T): T | string {
  try {
    return decoder(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return error.message.replace(/\d+/g, 'n');
    throw error;
  }
}

/** DHCP messages and all that is read out of them: what can be read can be written and read again, and told to people. */
class DhcpCodec implements Trial {
  readonly seeds = SEEDS;

  make(random: Random, corpus: readonly Uint8Array[]): Uint8Array {
    return makeMessage(random, corpus, []);
  }

  feed(input: Uint8Array): string {
    const bytes = input.subarray(ENVELOPE);
    layoutKey(bytes);
    const packet = read(bytes, decodePacket);
    if (typeof packet === 'string') return packet;
    const { key, firmware, architecture, features } = classify(packet);
    const relay = relayInfo(packet.options);
    assert.equal(dissect(packet).length, 1 + [...packet.options.keys()].length);
    this.#laidOut(bytes, packet);
    if (packet.sname.length > LONGEST_SNAME || packet.file.length > LONGEST_FILE) return 'long name';
    const once = encodePacket(packet);
    const again = decodePacket(once);
    assert.deepEqual(
      { ...again, options: new Map(again.options) },
      { ...packet, options: ordered(again, packet) },
    );
    assert.equal(Buffer.compare(once, encodePacket(again)), 0, 'written twice, twice the same');
    return `${firmware} ${architecture} ${features?.size} ${key.length} ${Object.values(relay).map((one) => one !== undefined)}`;
  }

  /** Options that are read where they stand are those that are taken out. */
  #laidOut(bytes: Uint8Array, { options }: Packet): void {
    const places = layoutOf(bytes);
    if (!places) return;
    const laidOut = new LaidOutOptions(bytes, new Map(places.map((place) => [place.code, place])));
    assert.deepEqual([...laidOut.keys()], [...options.keys()]);
    for (const [code, value] of laidOut)
      assert.equal(Buffer.compare(value, options.get(code)!), 0, optionName(code));
  }
}

/** The packet's options in the order in which they come back: the type goes first, the relay's last. */
function ordered(again: Packet, packet: Packet): Map<number, Uint8Array | undefined> {
  assert.equal([...again.options.keys()].length, [...packet.options.keys()].length);
  return new Map([...again.options.keys()].map((code) => [code, bufferOf(packet.options.get(code))]));
}

const bufferOf = (value: Uint8Array | undefined) => value && Buffer.from(value);

const LIMITS = { blockSize: 1468, windowSize: 64, windowBytes: 128 * 1024 };

class TftpCodec implements Trial {
  readonly seeds = TFTP_SEEDS;

  make(random: Random, corpus: readonly Uint8Array[]): Uint8Array {
    return makeDatagram(random, corpus, []);
  }

  feed(input: Uint8Array): string {
    const { bytes } = openDatagram(input);
    const packet = read(bytes, decode);
    const block = blockOfAck(bytes);
    if (typeof packet === 'string') {
      assert.equal(block, -1, 'the fast way takes for an ACK what is none');
      return packet;
    }
    assert.equal(block, packet.type === 'ack' ? packet.block : -1);
    const once = encode(packet);
    assert.deepEqual(
      decode(once),
      packet.type === 'data' ? { ...packet, data: new Uint8Array(packet.data) } : packet,
    );
    if (packet.type !== 'rrq' && packet.type !== 'wrq') return packet.type;
    const verdict = judge(packet);
    assert.doesNotMatch(printable(packet.file), CONTROL);
    if (verdict.type === 'refuse') assert.match(ascii(verdict.text), /^[\x20-\x7e]*$/);
    const { blockSize, windowSize, timeout, accepted } = negotiate(packet.options, 1_000_000, LIMITS);
    assert.ok(blockSize >= 8 && blockSize <= LIMITS.blockSize, `blksize ${blockSize}`);
    assert.ok(windowSize >= 1 && windowSize <= LIMITS.windowSize, `windowsize ${windowSize}`);
    assert.ok(windowSize === 1 || windowSize * blockSize <= LIMITS.windowBytes);
    assert.ok(timeout === undefined || (timeout >= 1 && timeout <= 255), `timeout ${timeout}`);
    for (const name of accepted.keys()) assert.ok(packet.options.has(name), `${name} was not asked for`);
    return `${packet.type} ${verdict.type} ${[...accepted.keys()]}`;
  }
}

export const dhcpCodec: Target = { name: 'dhcp-codec', begin: () => new DhcpCodec() };
export const tftpCodec: Target = { name: 'tftp-codec', begin: () => new TftpCodec() };
