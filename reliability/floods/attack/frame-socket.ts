import koffi from 'koffi';
import { openSocket } from '../../../src/platform/libc.ts';

const c = koffi.load('libc.so.6');
const bind = c.func('int bind(int, const void *, uint32_t)');
const indexOf = c.func('uint32_t if_nametoindex(const char *)');
const sendmmsg = c.func('int sendmmsg(int, uint64_t, unsigned int, int)');

const AF_PACKET = 17;
const SOCK_RAW = 3;
const MSG_DONTWAIT = 0x40;
const HEADER = 64;
const IOVEC = 16;

/** A ring of Ethernet frames, sent over and over as they stand, many in one system call (sendmmsg(2), packet(7)). */
export class FrameSocket {
  readonly frames: readonly Buffer[];
  readonly #fd: number;
  readonly #memory: readonly ArrayBuffer[];
  readonly #headers: number;
  #next = 0;

  constructor(adapter: string, frames: readonly Uint8Array[]) {
    this.#fd = openSocket(AF_PACKET, SOCK_RAW, 0);
    const place = Buffer.alloc(20);
    place.writeUInt16LE(AF_PACKET);
    place.writeInt32LE(indexOf(adapter) as number, 4);
    if ((bind(this.#fd, place, place.length) as number) < 0) throw new Error(`cannot send on ${adapter}`);
    const content = new ArrayBuffer(frames.reduce((sum, { length }) => sum + length, 0));
    const rows = new ArrayBuffer(frames.length * (HEADER + IOVEC));
    this.#memory = [content, rows];
    this.#headers = Number(koffi.address(rows));
    const base = Number(koffi.address(content));
    const view = new DataView(rows);
    const vectors = frames.length * HEADER;
    let at = 0;
    this.frames = frames.map((frame, index) => {
      const vector = vectors + index * IOVEC;
      view.setBigUint64(index * HEADER + 16, BigInt(this.#headers + vector), true);
      view.setBigUint64(index * HEADER + 24, 1n, true);
      view.setBigUint64(vector, BigInt(base + at), true);
      view.setBigUint64(vector + 8, BigInt(frame.length), true);
      const copy = Buffer.from(content, at, frame.length);
      copy.set(frame);
      at += frame.length;
      return copy;
    });
  }

  /** Sends the next frames of the ring; `touch` may change each before. @returns how many were taken. */
  send(count: number, touch?: (frame: Buffer) => void): number {
    const fits = Math.min(count, this.frames.length - this.#next);
    if (touch) for (let index = 0; index < fits; index++) touch(this.frames[this.#next + index]!);
    const sent = sendmmsg(this.#fd, this.#headers + this.#next * HEADER, fits, MSG_DONTWAIT) as number;
    // Referenced, so that the kernel reads what is still there.
    if (this.#memory.length === 0 || sent <= 0) return 0;
    this.#next = (this.#next + sent) % this.frames.length;
    return sent;
  }
}
