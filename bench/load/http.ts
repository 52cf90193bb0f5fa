// Machines that fetch one large file over HTTP, all at once. Argument: one JSON word (Wanted); result: one JSON line (Result).
// The content is known (content.ts): each piece is compared where it lies in the file, wholly or at its ends.
import net from 'node:net';
import { contentOf } from '../content.ts';

export interface Wanted {
  readonly host: string;
  readonly port: number;
  /** "/initrd.img" */
  readonly path: string;
  /** Length of the file, whose content is contentOf(bytes). */
  readonly bytes: number;
  readonly clients: number;
  /** One after the other, of each client. */
  readonly downloads: number;
  /** kept: one connection a client, as iPXE has; new: one a download. */
  readonly connections: 'kept' | 'new';
  /** whole: every byte; ends: the first and last bytes of each piece that arrives, which costs next to nothing. */
  readonly compare: 'whole' | 'ends';
}

export interface Result {
  readonly bytes: number;
  readonly seconds: number;
  readonly bytesPerSecond: number;
  readonly downloads: number;
  /** Of one download, in milliseconds. */
  readonly median: number;
  readonly slowest: number;
  /** Share of its core that this program took: near 1, it is the limit and no server is seen at its best. */
  readonly busy: number;
  /** Downloads that ended early, had another length, another status or other bytes. */
  readonly wrong: readonly string[];
}

const wanted = JSON.parse(process.argv[2] ?? '{}') as Wanted;
const { host, port, path, bytes, clients, downloads, connections, compare } = wanted;
const PIECE = 512 * 1024;
const END = 64;
const request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: iPXE/1.21\r\n\r\n`;
const content = contentOf(bytes);
/** One for all: what arrives is looked at before the next piece is read. */
const buffer = Buffer.allocUnsafeSlow(PIECE);
const times: number[] = [];
const wrong: string[] = [];
let total = 0;

/** Fetches the file once over a connection of its own, or the next time over the one that it has. */
class Client {
  #left = downloads;
  #socket: net.Socket | undefined;
  #begun = 0;
  #at = -1;
  readonly #ended: () => void;

  constructor(ended: () => void) {
    this.#ended = ended;
    this.#next();
  }

  #next(): void {
    if (this.#left-- === 0) {
      this.#end();
      return;
    }
    this.#begun = performance.now();
    this.#at = -1;
    if (this.#socket && connections === 'kept') {
      this.#socket.write(request);
      return;
    }
    this.#socket?.destroy();
    const socket = net.connect({ host, port, onread: { buffer, callback: (count) => this.#read(count) } });
    this.#socket = socket;
    socket.on('connect', () => socket.write(request));
    socket.on('error', (error) => this.#fail(error.message));
    socket.on('close', () => {
      if (this.#socket === socket) this.#fail(`closed after ${this.#at} bytes`);
    });
  }

  #read(count: number): boolean {
    let from = 0;
    if (this.#at === -1) {
      const end = buffer.subarray(0, count).indexOf('\r\n\r\n');
      const head = buffer.toString('latin1', 0, end);
      const length = Number(/\ncontent-length: *(\d+)/i.exec(head)?.[1]);
      if (end < 0 || !head.startsWith('HTTP/1.1 200 ') || length !== bytes) return this.#fail(head);
      from = end + 4;
      this.#at = 0;
    }
    if (!isRight(from, count, this.#at)) return this.#fail(`other bytes near ${this.#at}`);
    this.#at += count - from;
    total += count - from;
    if (this.#at >= bytes) {
      times.push(performance.now() - this.#begun);
      this.#next();
    }
    return true;
  }

  #fail(why: string): false {
    wrong.push(why);
    this.#end();
    return false;
  }

  #end(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
    this.#ended();
  }
}

function isRight(from: number, to: number, at: number): boolean {
  const same = (first: number, last: number) =>
    buffer.compare(content, at + first - from, at + last - from, first, last) === 0;
  if (at + to - from > bytes) return false;
  if (compare === 'whole' || to - from <= 2 * END) return same(from, to);
  return same(from, from + END) && same(to - END, to);
}

const begun = performance.now();
const before = process.cpuUsage();
await Promise.all(Array.from({ length: clients }, () => new Promise<void>((ended) => new Client(ended))));
const seconds = (performance.now() - begun) / 1000;
const { user, system } = process.cpuUsage(before);
times.sort((a, b) => a - b);
const result: Result = {
  bytes: total,
  seconds,
  bytesPerSecond: total / seconds,
  downloads: times.length,
  median: times[Math.floor(times.length / 2)] ?? 0,
  slowest: times.at(-1) ?? 0,
  busy: (user + system) / 1e6 / seconds,
  wrong: wrong.slice(0, 5),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
