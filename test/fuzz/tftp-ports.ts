import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '../../src/journal/event.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { type DatagramSocket, openUdp } from '../../src/platform/udp.ts';
import { decode } from '../../src/protocol/tftp/codec.ts';
import { OPCODE } from '../../src/protocol/tftp/packet.ts';
import { startTftp, type TftpService } from '../../src/tftp/service.ts';
import { ip } from '../dhcp/rig.ts';
import { profileOf } from '../profile.ts';
import { MemoryAssets } from '../tftp/memory-assets.ts';
import { content } from '../tftp/rig.ts';
import type { Random } from './random.ts';
import type { Target, Trial } from './target.ts';
import {
  FIRST_PEER,
  FIRST_PORT,
  makeDatagram,
  openDatagram,
  PEERS,
  PORTS,
  TFTP_SEEDS,
} from './tftp-inputs.ts';

const HOST = ip('127.0.0.1');
const CAPACITY = { all: 400, perAddress: 250 };
const SIZES = { empty: 0, one: 1, block: 512, 'vmlinuz.efi': 5000, 'initrd.img': 300_000 };
const LARGEST_BLOCK = 1468;
/** Sockets that never send: nothing may come to them. */
const MUTE = 2;

/** What came back. As if from an address for each of the server's ports that were heard last: inputs are built upon it so. */
interface Heard {
  readonly address: number;
  readonly port: number;
  readonly bytes: Uint8Array;
}

/** The service over real sockets on loopback, each transfer on a port of its own, and clients that say anything to any of its ports. */
class TransferPorts implements Trial {
  readonly seeds = TFTP_SEEDS;
  readonly #events: Event[] = [];
  readonly #assets: MemoryAssets;
  readonly #heard: Heard[] = [];
  /** Ports of the server: the one that is asked, then those of transfers in turn. */
  readonly #ports: number[];
  #service: TftpService;
  #clients: DatagramSocket[] = [];
  #newest = 1;
  #settled = 0;
  #fault: unknown;

  constructor(service: TftpService, assets: MemoryAssets, events: Event[]) {
    this.#service = service;
    this.#assets = assets;
    this.#events = events;
    this.#ports = Array(PEERS).fill(service.port);
  }

  async connect(): Promise<void> {
    for (let index = 0; index < PORTS + MUTE; index++) {
      const client = await openUdp(
        // An address for each: what one of them may have open is bounded.
        { address: HOST + 1 + index, port: 0, receiveBuffer: 1 << 20 },
        {
          batch: (datagrams) => {
            for (const { bytes, port } of datagrams) this.#hear(index, port, Uint8Array.from(bytes));
          },
          sendFailed: (_datagram, error) => this.#fail(error),
          failed: (error) => this.#fail(error),
        },
      );
      this.#clients.push(client);
    }
  }

  make(random: Random, corpus: readonly Uint8Array[]): Uint8Array {
    return makeDatagram(random, corpus, this.#heard);
  }

  feed(input: Uint8Array): string {
    const { peer, milliseconds, bytes } = openDatagram(input);
    this.#assets.reads = milliseconds % 7 === 1 ? 'promise' : milliseconds % 31 === 2 ? 'broken' : 'at once';
    const asks = bytes[1] === OPCODE.rrq || bytes[1] === OPCODE.wrq;
    // A request at a transfer's port is nonsense, and comes now and then.
    const to = asks && milliseconds % 8 !== 0 ? 0 : peer.address - FIRST_PEER;
    this.#clients[peer.port - FIRST_PORT]!.send(bytes, HOST, this.#ports[to]!);
    const events = this.#events.splice(0);
    for (const event of events) if (event.kind === 'config.unexpected') this.#fail(new Error(event.reason));
    return events.map(({ kind }) => kind).join(' ');
  }

  async settle(): Promise<void> {
    for (const client of this.#clients) client.flush();
    // Long enough for an answer, and now and then for what is sent again.
    await (++this.#settled % 512 === 0 ? sleep(25) : sleep(0));
    if (this.#fault) throw this.#fault;
    assert.ok(this.#assets.opened <= CAPACITY.all, `${this.#assets.opened} files are open`);
  }

  async end(): Promise<void> {
    await this.#service.stop();
    for (const client of this.#clients.splice(0)) await client.close();
    assert.equal(this.#assets.opened, 0, 'files stay open when all transfers have ended');
  }

  #hear(index: number, port: number, bytes: Uint8Array): void {
    try {
      assert.ok(index < PORTS, `${Buffer.from(bytes).toString('hex')} came to one that has not asked`);
      const packet = decode(bytes);
      assert.ok(['data', 'oack', 'error'].includes(packet.type), packet.type);
      if (packet.type === 'data') assert.ok(packet.data.length <= LARGEST_BLOCK);
    } catch (error) {
      this.#fail(error);
    }
    this.#heard.push({ address: FIRST_PEER + this.#placeOf(port), port: FIRST_PORT + index, bytes });
    if (this.#heard.length > 64) this.#heard.splice(0, 32);
  }

  #placeOf(port: number): number {
    const known = this.#ports.indexOf(port);
    if (known >= 0) return known;
    this.#newest = 1 + (this.#newest % (PEERS - 1));
    this.#ports[this.#newest] = port;
    return this.#newest;
  }

  #fail(error: unknown): void {
    this.#fault ??= error;
  }
}

async function begin(): Promise<Trial> {
  const files = Object.entries(SIZES).map(([name, size]) => [name, content(0, size)]);
  const assets = new MemoryAssets({
    ...Object.fromEntries(files),
    kept: 'forbidden',
    folder: 'not-a-file',
  });
  const events: Event[] = [];
  const { limits, ...profile } = profileOf({ tftpPorts: 'each' });
  const service = await startTftp({
    profile: { ...profile, limits: { ...limits, tftp: CAPACITY } },
    assets,
    clock: systemClock,
    sink: (event) => void events.push(event),
    port: 0,
  });
  const trial = new TransferPorts(service, assets, events);
  await trial.connect();
  return trial;
}

export const transferPorts: Target = { name: 'tftp-ports', begin };
