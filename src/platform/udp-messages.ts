import { endianness } from 'node:os';
import type { Ipv4 } from '../protocol/ipv4.ts';
import { type Region, region, UDP_SEGMENT } from './libc-datagrams.ts';

/** True where the structures below are laid out as drawn: 64 bits, little-endian, with glibc or musl alike. */
export const LAYOUT_KNOWN = (process.arch === 'x64' || process.arch === 'arm64') && endianness() === 'LE';

const AF_INET = 2;
const SOL_UDP = 17;

/** In bytes, and where the fields are in 32-bit words. */
const HEADER = {
  size: 64,
  name: 0,
  nameLength: 2,
  iovec: 4,
  iovecs: 6,
  control: 8,
  controlLength: 10,
  length: 14,
};
const IOVEC = { size: 16, base: 0, length: 2 };
const NAME = { size: 16 };
const CONTROL = { size: 24, length: 0, level: 2, type: 3, data: 4, used: 18 };

/**
 * A row of mmsghdr with what they point to, linked once:
 *
 *     mmsghdr  msghdr { name*, namelen, iov*, iovlen, control*, controllen, flags }, len
 *     iovec    { base*, len }         where the payload is
 *     name     sockaddr_in            whose it is
 *     control  cmsghdr + uint16       UDP_SEGMENT
 */
export class MessageRow {
  readonly count: number;
  readonly #region: Region;
  readonly #headers: Uint32Array;
  readonly #iovecs: Uint32Array;
  readonly #names: Uint8Array;
  readonly #controls: Uint32Array;

  constructor(count: number) {
    this.count = count;
    const iovecs = count * HEADER.size;
    const names = iovecs + count * IOVEC.size;
    const controls = names + count * NAME.size;
    this.#region = region(controls + count * CONTROL.size);
    const { buffer, address } = this.#region;
    this.#headers = new Uint32Array(buffer, 0, iovecs / 4);
    this.#iovecs = new Uint32Array(buffer, iovecs, (count * IOVEC.size) / 4);
    this.#names = new Uint8Array(buffer, names, count * NAME.size);
    this.#controls = new Uint32Array(buffer, controls, (count * CONTROL.size) / 4);
    for (let index = 0; index < count; index++) {
      const header = (index * HEADER.size) / 4;
      setPointer(this.#headers, header + HEADER.name, address + names + index * NAME.size);
      this.#headers[header + HEADER.nameLength] = NAME.size;
      setPointer(this.#headers, header + HEADER.iovec, address + iovecs + index * IOVEC.size);
      this.#headers[header + HEADER.iovecs] = 1;
      setPointer(this.#headers, header + HEADER.control, address + controls + index * CONTROL.size);
      this.#names[index * NAME.size] = AF_INET;
      const control = (index * CONTROL.size) / 4;
      this.#controls[control + CONTROL.length] = CONTROL.used;
      this.#controls[control + CONTROL.level] = SOL_UDP;
      this.#controls[control + CONTROL.type] = UDP_SEGMENT;
    }
  }

  /** Of the header of this message, for recvmmsg and sendmmsg. */
  headerAddress(index: number): number {
    return this.#region.address + index * HEADER.size;
  }

  setPayload(index: number, address: number, length: number): void {
    const iovec = (index * IOVEC.size) / 4;
    setPointer(this.#iovecs, iovec + IOVEC.base, address);
    this.#iovecs[iovec + IOVEC.length] = length;
  }

  setPeer(index: number, address: Ipv4, port: number): void {
    const names = this.#names;
    const at = index * NAME.size;
    names[at + 2] = port >>> 8;
    names[at + 3] = port;
    names[at + 4] = address >>> 24;
    names[at + 5] = address >>> 16;
    names[at + 6] = address >>> 8;
    names[at + 7] = address;
  }

  /** 0: one datagram. */
  setSegment(index: number, segment: number): void {
    this.#headers[(index * HEADER.size) / 4 + HEADER.controlLength] = segment === 0 ? 0 : CONTROL.size;
    this.#controls[(index * CONTROL.size) / 4 + CONTROL.data] = segment;
  }

  /** Bytes that were received. */
  received(index: number): number {
    return this.#headers[(index * HEADER.size) / 4 + HEADER.length]!;
  }

  peerAddress(index: number): Ipv4 {
    const names = this.#names;
    const at = index * NAME.size + 4;
    return ((names[at]! << 24) | (names[at + 1]! << 16) | (names[at + 2]! << 8) | names[at + 3]!) >>> 0;
  }

  peerPort(index: number): number {
    const at = index * NAME.size + 2;
    return (this.#names[at]! << 8) | this.#names[at + 1]!;
  }
}

function setPointer(words: Uint32Array, at: number, address: number): void {
  words[at] = address;
  words[at + 1] = address / 0x1_0000_0000;
}
