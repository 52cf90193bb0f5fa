import { constants, openSync } from 'node:fs';
import koffi from 'koffi';

const c = koffi.load('libc.so.6');
const ioctl = c.func('int ioctl(int, unsigned long, const uint8_t *)');
const read = c.func('long read(int, uint8_t *, size_t)');
const write = c.func('long write(int, const uint8_t *, size_t)');
const poll = c.func('int poll(uint8_t *, unsigned long, int)');

const TUNSETIFF = 0x400454ca;
const IFF_TAP = 0x0002;
const IFF_NO_PI = 0x1000;
const POLLIN = 1;
const LONGEST_FRAME = 65_536;

/**
 * An adapter whose cable ends in this process (TAP): what the host sends comes here frame by frame, each as it is on the wire. What the kernel
 * sends as one and would leave to a card to cut (UDP_SEGMENT, TSO) is cut by then.
 */
export class Tap {
  readonly fd: number;
  readonly #bytes = Buffer.allocUnsafeSlow(LONGEST_FRAME);

  /** @throws Error where /dev/net/tun is not there, or the adapter cannot be made. */
  constructor(name: string) {
    this.fd = openSync('/dev/net/tun', constants.O_RDWR | constants.O_NONBLOCK);
    const request = Buffer.alloc(40);
    request.write(name, 'latin1');
    request.writeUInt16LE(IFF_TAP | IFF_NO_PI, 16);
    if (ioctl(this.fd, TUNSETIFF, request) < 0) throw new Error(`TUNSETIFF ${name}: errno ${koffi.errno()}`);
  }

  /** The next frame, good until the next call; undefined where none has come. */
  receive(): Uint8Array | undefined {
    const length = read(this.fd, this.#bytes, LONGEST_FRAME) as number;
    return length < 0 ? undefined : this.#bytes.subarray(0, length);
  }

  /** A frame to an adapter that is down is lost. */
  send(frame: Uint8Array): void {
    write(this.fd, frame, frame.length);
  }
}

/** Waits until one of them has a frame, for so many milliseconds at most. */
export function waitFor(taps: readonly Tap[], ms: number): void {
  const asked = Buffer.alloc(8 * taps.length);
  for (const [n, { fd }] of taps.entries()) {
    asked.writeInt32LE(fd, 8 * n);
    asked.writeInt16LE(POLLIN, 8 * n + 4);
  }
  poll(asked, taps.length, Math.max(0, Math.ceil(ms)));
}
