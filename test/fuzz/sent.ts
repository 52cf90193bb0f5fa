import type { DatagramSocket } from '../../src/platform/udp.ts';
import type { Ipv4 } from '../../src/protocol/ipv4.ts';

export interface Sent {
  readonly bytes: Uint8Array;
  readonly address: Ipv4;
  readonly port: number;
  /** Where the message is cut into datagrams of so many bytes. */
  readonly segment: number;
}

const ARENA = 1 << 18;

/** A socket that keeps what is sent. */
export class SentBox implements DatagramSocket {
  readonly port = 0;
  readonly fd = -1;
  readonly arena = Buffer.alloc(ARENA);
  #sent: Sent[] = [];
  #reserved: { address: Ipv4; port: number; from: number; length: number; segment: number } | undefined;

  send(bytes: Uint8Array, address: Ipv4, port: number): void {
    this.#written();
    this.#sent.push({ bytes: Buffer.from(bytes), address, port, segment: bytes.length });
  }

  reserve(address: Ipv4, port: number, length: number, segment = length): number {
    this.#written();
    if (length > ARENA) throw new Error(`${length} bytes in one message`);
    this.#reserved = { address, port, from: 0, length, segment };
    return 0;
  }

  flush(): void {
    this.#written();
  }

  async close(): Promise<void> {}

  /** All that was sent since the last time. */
  take(): Sent[] {
    this.#written();
    return this.#sent.splice(0);
  }

  /** What was reserved has been written by now. */
  #written(): void {
    const message = this.#reserved;
    if (!message) return;
    this.#reserved = undefined;
    const { address, port, length, segment } = message;
    this.#sent.push({ bytes: Buffer.from(this.arena.subarray(0, length)), address, port, segment });
  }
}
