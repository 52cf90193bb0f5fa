import { nodeHttp } from '../platform/node-http.ts';
import type { Answer } from './answer.ts';

/** iPXE keeps its one connection from script to kernel to initrd. */
export const KEEP_ALIVE_MS = 65_000;

const STAYS = `Connection: keep-alive\r\nKeep-Alive: timeout=${KEEP_ALIVE_MS / 1000}\r\n\r\n`;
const CLOSES = 'Connection: close\r\n\r\n';

interface Written {
  readonly second: number;
  readonly keepAlive: boolean;
  readonly bytes: Buffer;
}

/** Writes answers down as node:http does. What is asked for again within a second, as a boot script is, has been written already. */
export class WireHeads {
  readonly #now: () => number;
  readonly #written = new WeakMap<Answer, Written>();
  #second = 0;
  #date = '';

  /** @param now Seconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The head of an answer, and its body where that is in memory. */
  bytes(answer: Answer, keepAlive: boolean): Buffer {
    const second = this.#now();
    const known = this.#written.get(answer);
    if (known && known.second === second && known.keepAlive === keepAlive) return known.bytes;
    const head = Buffer.from(this.#head(answer, keepAlive, second), 'latin1');
    const bytes = answer.body ? Buffer.concat([head, answer.body]) : head;
    this.#written.set(answer, { second, keepAlive, bytes });
    return bytes;
  }

  #head({ status, headers }: Answer, keepAlive: boolean, second: number): string {
    if (second !== this.#second) {
      this.#second = second;
      this.#date = new Date(second * 1000).toUTCString();
    }
    let head = `HTTP/1.1 ${status} ${nodeHttp.STATUS_CODES[status]}\r\n`;
    for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}\r\n`;
    return `${head}Date: ${this.#date}\r\n${keepAlive ? STAYS : CLOSES}`;
  }
}
