import dgram from 'node:dgram';
import { once } from 'node:events';
import { decode, encode } from '../../src/protocol/tftp/codec.ts';
import type { Packet } from '../../src/protocol/tftp/packet.ts';

const PATIENCE_MS = 5000;

/** A TFTP client by hand: sends what a test says, and gives back what arrives, one packet at a time. */
export class Peer {
  readonly #socket = dgram.createSocket('udp4');
  readonly #arrived: { packet: Packet; port: number }[] = [];
  #wake: (() => void) | undefined;
  /** Where to, on loopback; follows the port of the last packet taken. */
  port: number;

  private constructor(port: number) {
    this.port = port;
    this.#socket.on('message', (bytes, { port: from }) => {
      this.#arrived.push({ packet: decode(bytes), port: from });
      this.#wake?.();
    });
  }

  static async open(port: number): Promise<Peer> {
    const peer = new Peer(port);
    peer.#socket.bind(0, '127.0.0.1');
    await once(peer.#socket, 'listening');
    return peer;
  }

  send(what: Packet | Uint8Array, port = this.port): void {
    this.#socket.send(what instanceof Uint8Array ? what : encode(what), port, '127.0.0.1');
  }

  request(file: string, options: Record<string, string> = {}, mode = 'octet'): void {
    this.send({ type: 'rrq', file, mode, options: new Map(Object.entries(options)) });
  }

  ack(block: number): void {
    this.send({ type: 'ack', block });
  }

  async next(): Promise<Packet> {
    const deadline = performance.now() + PATIENCE_MS;
    while (this.#arrived.length === 0) {
      const left = deadline - performance.now();
      if (left <= 0) throw new Error('nothing arrived');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const { packet, port } = this.#arrived.shift()!;
    this.port = port;
    return packet;
  }

  /** Packets that have arrived and were not taken. */
  get waiting(): number {
    return this.#arrived.length;
  }

  /** Loads the rest of a file in lockstep, starting with a first DATA that was taken already. */
  async rest(first: Packet, blockSize = 512): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let packet = first; ; packet = await this.next()) {
      if (packet.type !== 'data') throw new Error(`DATA expected: ${JSON.stringify(packet)}`);
      parts.push(packet.data);
      this.ack(packet.block);
      if (packet.data.length < blockSize) return Buffer.concat(parts);
    }
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }
}
