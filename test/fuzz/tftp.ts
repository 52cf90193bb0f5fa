import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Event } from '../../src/journal/event.ts';
import { formatIpv4 } from '../../src/protocol/ipv4.ts';
import { blockOfAck, decode } from '../../src/protocol/tftp/codec.ts';
import { OPCODE } from '../../src/protocol/tftp/packet.ts';
import { Server } from '../../src/tftp/server.ts';
import { Outbox } from '../../src/tftp/wire.ts';
import { ip } from '../dhcp/rig.ts';
import { MemoryAssets } from '../tftp/memory-assets.ts';
import { content } from '../tftp/rig.ts';
import type { Random } from './random.ts';
import { type Sent, SentBox } from './sent.ts';
import type { Target, Trial } from './target.ts';
import { makeDatagram, openDatagram, TFTP_SEEDS } from './tftp-inputs.ts';

const CAPACITY = { all: 24, perAddress: 8 };
const LIMITS = { blockSize: 1468, windowSize: 64, windowBytes: 128 * 1024 };
const SIZES = { empty: 0, one: 1, block: 512, 'vmlinuz.efi': 5000, 'initrd.img': 300_000 };
/** DATA that one ACK can lead to, headers and all. */
const LARGEST_WINDOW = LIMITS.windowBytes + 4 * 64 + 4 + LIMITS.blockSize;
/** What a request leads to at most: OACK, ERROR, or one block. */
const LARGEST_FIRST = 1472;
/** Messages to a peer that says nothing at all; RFC 2349 lets it choose short waits. */
const MOST_UNANSWERED = 12;

type Opened = ReturnType<typeof openDatagram>;

/** The TFTP port, all transfers on it, on a clock of its own; files are in memory, some answered later. */
class Port69 implements Trial {
  readonly seeds = TFTP_SEEDS;
  readonly #box = new SentBox();
  readonly #assets: MemoryAssets;
  readonly #server: Server;
  readonly #events: Event[] = [];
  readonly #lastSent: Sent[] = [];
  readonly #unanswered = new Map<string, number>();
  #spoke = new Map<string, Opened[]>();
  #now = 1000;
  #wakeAt = Number.POSITIVE_INFINITY;

  constructor() {
    const files = Object.entries(SIZES).map(([name, size]) => [name, content(0, size)]);
    this.#assets = new MemoryAssets({
      ...Object.fromEntries(files),
      kept: 'forbidden',
      folder: 'not-a-file',
    });
    const outbox = new Outbox();
    outbox.use(this.#box);
    this.#server = new Server({
      assets: this.#assets,
      images: '/nonexistent',
      limits: LIMITS,
      clock: { now: () => Math.floor(this.#now / 1000), monotonic: () => this.#now },
      sink: (event) => void this.#events.push(event),
      outbox,
      capacity: CAPACITY,
      standing: () => 'served',
      ports: 'one',
      address: ip('10.0.0.1'),
      wakeBy: (at) => {
        this.#wakeAt = Math.min(this.#wakeAt, at);
      },
    });
  }

  make(random: Random, corpus: readonly Uint8Array[]): Uint8Array {
    return makeDatagram(random, corpus, this.#lastSent);
  }

  feed(input: Uint8Array): string {
    const opened = openDatagram(input);
    const { peer, milliseconds, bytes } = opened;
    this.#assets.reads = milliseconds % 7 === 1 ? 'promise' : milliseconds % 31 === 2 ? 'broken' : 'at once';
    this.#pass(milliseconds);
    const key = keyOf(peer);
    this.#spoke.set(key, [...(this.#spoke.get(key) ?? []), opened]);
    this.#unanswered.delete(key);
    const lent = Uint8Array.from(bytes);
    this.#server.batch([{ bytes: lent, ...peer }]);
    lent.fill(0xaa);
    const sent = this.#box.take();
    for (const one of sent) this.#look(one);
    if (bytes[0] === 0 && bytes[1] === OPCODE.error) assert.equal(sent.length, 0, 'an ERROR was answered');
    this.#bounded(sent, bytes);
    assert.ok(this.#assets.opened <= CAPACITY.all, `${this.#assets.opened} files are open`);
    const events = this.#events.splice(0);
    return `${events.map(({ kind }) => kind)} ${sent.map((one) => one.bytes[1])} ${sent.length && blockKind(sent[0]!)}`;
  }

  async settle(): Promise<void> {
    await nextTurn();
    for (const one of this.#box.take()) this.#look(one);
    assert.ok(this.#assets.opened <= CAPACITY.all, `${this.#assets.opened} files are open`);
    this.#spoke = new Map([...this.#spoke].map(([key, said]) => [key, said.slice(-1)]));
    if (this.#spoke.size > 4096) this.#spoke.clear();
  }

  async end(): Promise<void> {
    await nextTurn();
    await this.#server.stop();
    assert.equal(this.#assets.opened, 0, 'files stay open when all transfers have ended');
  }

  /** Time goes on, and whoever is due is woken; what a silent peer is sent again is counted. */
  #pass(milliseconds: number): void {
    const until = this.#now + milliseconds;
    for (let times = 0; this.#wakeAt <= until; times++) {
      assert.ok(times < 100_000, 'woken again and again');
      this.#now = Math.max(this.#now, this.#wakeAt);
      this.#wakeAt = Number.POSITIVE_INFINITY;
      this.#server.wake();
      for (const one of this.#box.take()) {
        this.#look(one);
        const key = keyOf(one);
        const count = (this.#unanswered.get(key) ?? 0) + 1;
        this.#unanswered.set(key, count);
        assert.ok(count <= MOST_UNANSWERED, `${count} messages to a peer that says nothing`);
      }
    }
    this.#now = until;
  }

  /** One that is not of a transfer gets no more than it sent, or an ERROR; one ACK no more than a window. */
  #bounded(sent: readonly Sent[], asked: Uint8Array): void {
    const bytes = sent.reduce((sum, one) => sum + one.bytes.length, 0);
    const isAck = blockOfAck(asked) >= 0;
    assert.ok(bytes <= (isAck ? LARGEST_WINDOW : LARGEST_FIRST), `${bytes} bytes for ${asked.length}`);
  }

  /** Whatever is sent goes to somebody who spoke, and is a packet of a server, DATA of the right file's blocks among them. */
  #look(sent: Sent): void {
    assert.ok(this.#spoke.has(keyOf(sent)), `${formatIpv4(sent.address)} has not asked`);
    for (let at = 0; at < sent.bytes.length; at += sent.segment) {
      const packet = decode(sent.bytes.subarray(at, at + sent.segment));
      assert.ok(['data', 'oack', 'error'].includes(packet.type), packet.type);
      if (packet.type === 'data') assert.ok(packet.data.length <= LIMITS.blockSize);
    }
    if (this.#lastSent.push(sent) > 64) this.#lastSent.splice(0, 32);
  }
}

const keyOf = ({ address, port }: { address: number; port: number }) => `${address}:${port}`;

function blockKind({ bytes, segment }: Sent): string {
  return `${bytes.length > segment} ${bytes.length === 4}`;
}

export const tftpServer: Target = { name: 'tftp-server', begin: () => new Port69() };
