import { latin1, Reader } from '../bytes.ts';
import { DecodeError } from '../error.ts';
import type { Ipv4 } from '../ipv4.ts';
import { OP, OPTION } from './codes.ts';
import { byteOf, decodeOptions, encodedSize, encodeOptions, type Options } from './options.ts';

/**
 * A DHCP message (RFC 2131 §2). Fixed part of 236 bytes, magic cookie, options:
 *
 *      0 op | htype | hlen | hops         24 giaddr
 *      4 xid                              28 chaddr, 16 bytes, hlen of them meant
 *      8 secs       | flags               44 sname, 64 bytes
 *     12 ciaddr                          108 file, 128 bytes
 *     16 yiaddr                          236 cookie 63 82 53 63
 *     20 siaddr                          240 options …
 */
export interface Packet {
  readonly op: number;
  readonly htype: number;
  readonly hlen: number;
  readonly hops: number;
  readonly xid: number;
  readonly secs: number;
  readonly flags: number;
  readonly ciaddr: Ipv4;
  readonly yiaddr: Ipv4;
  readonly siaddr: Ipv4;
  readonly giaddr: Ipv4;
  /** All 16 bytes of the field. */
  readonly chaddr: Uint8Array;
  /** Up to its first NUL; empty where the field carries options (option 52). */
  readonly sname: string;
  readonly file: string;
  /** Options of all areas; 52 itself is taken away, since the areas are joined. */
  readonly options: Options;
}

export const LONGEST_FILE = 127;
export const LONGEST_SNAME = 63;

const COOKIE = 0x63825363;
/** Where the options field begins. */
export const OPTIONS_AT = 240;
/** RFC 951 packets have 300 bytes; some firmware and relays drop shorter ones. */
const SHORTEST_PACKET = 300;
const CHADDR_SIZE = 16;
export const SNAME_AT = 44;
const SNAME_SIZE = 64;
export const FILE_AT = 108;
const FILE_SIZE = 128;
const OVERLOAD = { file: 1, sname: 2 } as const;

/** @throws DecodeError for anything that is not a DHCP or BOOTP message with a cookie. */
export function decodePacket(bytes: Uint8Array): Packet {
  const reader = new Reader(bytes);
  const op = reader.u8('op');
  if (op !== OP.request && op !== OP.reply) throw new DecodeError(`op ${op} is neither request nor reply`, 0);
  const htype = reader.u8('htype');
  const hlen = reader.u8('hlen');
  if (hlen > CHADDR_SIZE) throw new DecodeError(`hlen ${hlen} is more than chaddr holds`, 2);
  const header = {
    op,
    htype,
    hlen,
    hops: reader.u8('hops'),
    xid: reader.u32('xid'),
    secs: reader.u16('secs'),
    flags: reader.u16('flags'),
    ciaddr: reader.u32('ciaddr'),
    yiaddr: reader.u32('yiaddr'),
    siaddr: reader.u32('siaddr'),
    giaddr: reader.u32('giaddr'),
    chaddr: reader.take(CHADDR_SIZE, 'chaddr'),
  };
  const sname = reader.take(SNAME_SIZE, 'sname');
  const file = reader.take(FILE_SIZE, 'file');
  if (reader.u32('cookie') !== COOKIE) throw new DecodeError('no DHCP magic cookie', OPTIONS_AT - 4);

  const options = new Map<number, Uint8Array>();
  decodeOptions(bytes.subarray(OPTIONS_AT), options, OPTIONS_AT);
  const overload = byteOf(options, OPTION.overload) ?? 0;
  options.delete(OPTION.overload);
  // RFC 3396 §5: the aggregate is options, then file, then sname.
  if (overload & OVERLOAD.file) decodeOptions(file, options, FILE_AT);
  if (overload & OVERLOAD.sname) decodeOptions(sname, options, SNAME_AT);
  options.delete(OPTION.overload);
  return {
    ...header,
    sname: overload & OVERLOAD.sname ? '' : untilNul(sname),
    file: overload & OVERLOAD.file ? '' : untilNul(file),
    options,
  };
}

/**
 * The packet's bytes, padded to `shortest`. Longer names than the fields hold are the caller's defect: RangeError.
 */
export function encodePacket(packet: Packet, shortest = SHORTEST_PACKET): Uint8Array {
  if (packet.file.length > LONGEST_FILE)
    throw new RangeError(`file has ${packet.file.length} characters, ${LONGEST_FILE} fit`);
  if (packet.sname.length > LONGEST_SNAME)
    throw new RangeError(`sname has ${packet.sname.length} characters, ${LONGEST_SNAME} fit`);
  const bytes = Buffer.alloc(Math.max(shortest, packetSize(packet)));
  bytes[0] = packet.op;
  bytes[1] = packet.htype;
  bytes[2] = packet.hlen;
  bytes[3] = packet.hops;
  bytes.writeUInt32BE(packet.xid, 4);
  bytes.writeUInt16BE(packet.secs, 8);
  bytes.writeUInt16BE(packet.flags, 10);
  bytes.writeUInt32BE(packet.ciaddr, 12);
  bytes.writeUInt32BE(packet.yiaddr, 16);
  bytes.writeUInt32BE(packet.siaddr, 20);
  bytes.writeUInt32BE(packet.giaddr, 24);
  bytes.set(packet.chaddr, 28);
  bytes.write(packet.sname, SNAME_AT, 'latin1');
  bytes.write(packet.file, FILE_AT, 'latin1');
  bytes.writeUInt32BE(COOKIE, OPTIONS_AT - 4);
  encodeOptions(packet.options, bytes, OPTIONS_AT);
  return bytes;
}

/** Bytes of the packet before padding. */
export function packetSize(packet: Pick<Packet, 'options'>): number {
  return OPTIONS_AT + encodedSize(packet.options) + 1;
}

/** The client's hardware address: the part of chaddr that hlen means. */
export function hardwareAddress(packet: Pick<Packet, 'chaddr' | 'hlen'>): Uint8Array {
  return packet.chaddr.subarray(0, packet.hlen);
}

function untilNul(field: Uint8Array): string {
  const nul = field.indexOf(0);
  return latin1(nul < 0 ? field : field.subarray(0, nul));
}
