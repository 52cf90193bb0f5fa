import os from 'node:os';
import type { Ipv4 } from '../protocol/ipv4.ts';
import { errnoName } from './libc.ts';
import { type Region, region, sendMessages } from './libc-datagrams.ts';
import type { Datagram } from './udp.ts';
import { ARENA, LARGEST_DATAGRAM, sendFailure } from './udp-limits.ts';
import { MessageRow } from './udp-messages.ts';

const { EAGAIN, EINTR, EINVAL, EIO, EMSGSIZE } = os.constants.errno;

/** What every kernel with UDP_SEGMENT takes (UDP_MAX_SEGMENTS). */
const MOST_SEGMENTS = 64;
const MESSAGES = 512;

const CANNOT_SEGMENT = new Set([EINVAL, EIO, EMSGSIZE]);

/** A datagram that did not leave, bytes copied. */
export interface Unsent {
  readonly datagram: Datagram;
  readonly error: Error;
}

/** Messages that wait for the next sendmmsg, in order, with their bytes in one arena. */
export class SendQueue {
  readonly arena: Buffer;
  /** What could not leave and never will. Emptied by its reader. */
  unsent: Unsent[] = [];
  readonly #region: Region = region(ARENA);
  readonly #row = new MessageRow(MESSAGES);
  /** Of each message: where in the arena, how long, and how it is cut (0: not at all). */
  readonly #at = new Uint32Array(MESSAGES);
  readonly #length = new Uint32Array(MESSAGES);
  readonly #segment = new Uint16Array(MESSAGES);
  readonly #address = new Uint32Array(MESSAGES);
  readonly #port = new Uint16Array(MESSAGES);
  readonly #transmit: typeof sendMessages;
  #segments: boolean;
  #pieces: MessageRow | undefined;
  #first = 0;
  #end = 0;
  #used = 0;

  /**
   * @param segments whether the kernel knows UDP_SEGMENT.
   * @param transmit sendmmsg, unless a test has another.
   */
  constructor(segments: boolean, transmit: typeof sendMessages = sendMessages) {
    this.#segments = segments;
    this.#transmit = transmit;
    this.arena = Buffer.from(this.#region.buffer);
  }

  get empty(): boolean {
    return this.#first === this.#end;
  }

  hasRoom(length: number, segment: number): boolean {
    const messages = length <= segment ? 1 : Math.ceil(length / this.#most(segment));
    return this.#used + length <= ARENA && this.#end + messages <= MESSAGES;
  }

  /** @returns where in the arena the bytes are to be written. There must be room. */
  add(address: Ipv4, port: number, length: number, segment: number): number {
    const at = this.#used;
    this.#used += length;
    if (length <= segment) this.#addMessage(at, length, 0, address, port);
    else {
      const most = this.#most(segment);
      for (let from = 0; from < length; from += most) {
        const piece = Math.min(most, length - from);
        this.#addMessage(at + from, piece, piece > segment ? segment : 0, address, port);
      }
    }
    return at;
  }

  /** Sends all, or until the socket's buffer is full. @returns false where some is left. */
  flush(fd: number): boolean {
    while (this.#first < this.#end) {
      const sent = this.#sendSome(fd);
      if (sent > 0) this.#first += sent;
      else if (sent === -EAGAIN) return false;
      else if (sent !== -EINTR && !this.#sendOne(fd, -sent)) return false;
    }
    this.clear();
    return true;
  }

  /** All messages by one call; where segments are not to be had, those up to the next one that has them. */
  #sendSome(fd: number): number {
    let end = this.#end;
    if (!this.#segments) {
      end = this.#first;
      while (end < this.#end && this.#segment[end] === 0) end++;
      if (end === this.#first) return -EIO;
    }
    return this.#transmit(fd, this.#row.headerAddress(this.#first), end - this.#first);
  }

  /** The first message was refused. @returns false where the buffer is full. */
  #sendOne(fd: number, errno: number): boolean {
    const index = this.#first;
    if (this.#segment[index] === 0 || !CANNOT_SEGMENT.has(errno)) this.#tell(index, errno);
    else {
      // The adapter cannot, now or ever; the other reasons are of this size on this path.
      if (errno === EIO) this.#segments = false;
      if (!this.#sendPieces(fd, index)) return false;
    }
    this.#first += 1;
    return true;
  }

  /** Sends a segmented message as single datagrams. @returns false where the buffer is full; the message is what is left then. */
  #sendPieces(fd: number, index: number): boolean {
    this.#pieces ??= new MessageRow(MOST_SEGMENTS);
    while (this.#length[index]! > 0) {
      const sent = this.#transmit(fd, this.#pieces.headerAddress(0), this.#cut(this.#pieces, index));
      if (sent === -EAGAIN) return false;
      if (sent === -EINTR) continue;
      if (sent < 0) this.#tell(index, -sent, this.#segment[index]);
      this.#advance(index, Math.max(1, sent));
    }
    return true;
  }

  #cut(pieces: MessageRow, index: number): number {
    const segment = this.#segment[index]!;
    const length = this.#length[index]!;
    let count = 0;
    for (let from = 0; from < length && count < MOST_SEGMENTS; from += segment, count++) {
      pieces.setPayload(
        count,
        this.#region.address + this.#at[index]! + from,
        Math.min(segment, length - from),
      );
      pieces.setPeer(count, this.#address[index]!, this.#port[index]!);
    }
    return count;
  }

  #advance(index: number, pieces: number): void {
    const bytes = Math.min(pieces * this.#segment[index]!, this.#length[index]!);
    this.#at[index]! += bytes;
    this.#length[index]! -= bytes;
    this.#row.setPayload(index, this.#region.address + this.#at[index]!, this.#length[index]!);
  }

  #tell(index: number, errno: number, most = Number.POSITIVE_INFINITY): void {
    const at = this.#at[index]!;
    const bytes = Uint8Array.from(this.arena.subarray(at, at + Math.min(most, this.#length[index]!)));
    const address = this.#address[index]!;
    const port = this.#port[index]!;
    this.unsent.push({
      datagram: { bytes, address, port },
      error: sendFailure(errnoName(errno), address, port),
    });
  }

  clear(): void {
    this.#first = 0;
    this.#end = 0;
    this.#used = 0;
  }

  /** Moves what is left to the front, where something before it has left. */
  compact(): void {
    if (this.#first === 0) return;
    const from = this.#at[this.#first]!;
    this.arena.copyWithin(0, from, this.#used);
    const [first, end, used] = [this.#first, this.#end, this.#used];
    this.clear();
    for (let index = first; index < end; index++) {
      this.#addMessage(
        this.#at[index]! - from,
        this.#length[index]!,
        this.#segment[index]!,
        this.#address[index]!,
        this.#port[index]!,
      );
    }
    this.#used = used - from;
  }

  #most(segment: number): number {
    return Math.min(MOST_SEGMENTS, Math.floor(LARGEST_DATAGRAM / segment)) * segment;
  }

  #addMessage(at: number, length: number, segment: number, address: Ipv4, port: number): void {
    const index = this.#end++;
    this.#at[index] = at;
    this.#length[index] = length;
    this.#segment[index] = segment;
    this.#address[index] = address;
    this.#port[index] = port;
    this.#row.setPayload(index, this.#region.address + at, length);
    this.#row.setPeer(index, address, port);
    this.#row.setSegment(index, this.#segments ? segment : 0);
  }
}
