import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '../../../src/journal/event.ts';
import type { Clock } from '../../../src/platform/clock.ts';
import type { Datagram } from '../../../src/platform/udp.ts';
import { decode, encode } from '../../../src/protocol/tftp/codec.ts';
import type { Packet } from '../../../src/protocol/tftp/packet.ts';
import { Server } from '../../../src/tftp/server.ts';
import { Outbox } from '../../../src/tftp/wire.ts';
import { ip } from '../../dhcp/rig.ts';
import { type Files, MemoryAssets } from '../../tftp/memory-assets.ts';

/** Which packets of the server get through. */
export type Loss = (packet: Packet) => boolean;

const BLOCK = 1456;

/** The real TFTP server, spoken to packet by packet. */
export class TftpSide {
  readonly assets: MemoryAssets;
  readonly #server: Server;
  readonly #sent: Datagram[] = [];
  /** What the server's messages are written to; each has a place of its own until they have been read. */
  readonly #arena = Buffer.alloc(1 << 20);
  #used = 0;
  #port = 20_000;
  #told = 0;

  constructor(files: Files, clock: Clock, sink: (event: Event) => void) {
    this.assets = new MemoryAssets(files);
    const outbox = new Outbox();
    outbox.use({
      port: 69,
      fd: -1,
      arena: this.#arena,
      reserve: (address, port, length) => {
        this.#sent.push({ bytes: this.#arena.subarray(this.#used, this.#used + length), address, port });
        this.#used += length;
        return this.#used - length;
      },
      send: (bytes, address, port) => this.#sent.push({ bytes: new Uint8Array(bytes), address, port }),
      flush: () => {},
      close: async () => {},
    });
    this.#server = new Server({
      assets: this.assets,
      clock,
      sink: (event) => {
        this.#told += 1;
        sink(event);
      },
      outbox,
      images: 'images',
      address: ip('10.0.0.2'),
      ports: 'one',
      wakeBy: () => {},
      capacity: { all: 64, perAddress: 64 },
      standing: () => 'served',
      limits: { blockSize: BLOCK, windowSize: 1, windowBytes: 128 * 1024 },
    });
  }

  /** What the passing of time brings. */
  tick(): void {
    this.#server.wake();
  }

  stop(): Promise<number> {
    return this.#server.stop();
  }

  /**
   * A machine loads a file, block by block, until it has it or nothing more arrives.
   * @param arrives false for the server's packets that are lost on the way.
   */
  async load(address: string, file: string, arrives: Loss = () => true): Promise<number> {
    const send = this.#from(address);
    const told = this.#told;
    send({
      type: 'rrq',
      file,
      mode: 'octet',
      options: new Map([
        ['blksize', `${BLOCK}`],
        ['tsize', '0'],
      ]),
    });
    let bytes = 0;
    for (;;) {
      const packet = (await this.#arrived()).findLast(arrives);
      if (packet?.type === 'error') await this.#refusalTold(told);
      if (!packet || packet.type === 'error') return bytes;
      if (packet.type === 'data') bytes += packet.data.length;
      send({ type: 'ack', block: packet.type === 'data' ? packet.block : 0 });
      if (packet.type === 'data' && packet.data.length < BLOCK) return bytes;
    }
  }

  /** As UEFI does before it loads: asks for the size and hangs up. */
  async probe(address: string, file: string): Promise<void> {
    const send = this.#from(address);
    send({ type: 'rrq', file, mode: 'octet', options: new Map([['tsize', '0']]) });
    await this.#arrived();
    send({ type: 'error', code: 8, message: 'User aborted the transfer' });
  }

  #from(address: string): (packet: Packet) => void {
    const port = ++this.#port;
    // What an earlier transfer was sent again goes to another port.
    this.#sent.length = 0;
    return (packet) => this.#server.batch([{ address: ip(address), port, bytes: encode(packet) }]);
  }

  /** Why a file is refused is told a little later than the machine is: the nearest name is looked for in between. */
  async #refusalTold(before: number): Promise<void> {
    for (let tries = 0; tries < 1000 && this.#told === before; tries++) await sleep(5);
  }

  /** What the server has sent by now; files are opened in turns of their own. */
  async #arrived(): Promise<Packet[]> {
    for (let turn = 0; turn < 5 && this.#sent.length === 0; turn++) await nextTurn();
    this.#used = 0;
    return this.#sent.splice(0).map(({ bytes }) => decode(new Uint8Array(bytes)));
  }
}
