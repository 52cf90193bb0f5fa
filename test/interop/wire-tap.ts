import type { ChildProcess } from 'node:child_process';
import type { Host } from '../lab/net.ts';
import { Transcript } from '../lab/transcript.ts';

/** A UDP datagram as it came over the wire. */
export interface Tapped {
  readonly hex: string;
  /** "255.255.255.255:68" */
  readonly to: string;
}

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const ETHERNET_HEADER = 14;
const UDP_HEADER = 8;

/** What tcpdump hears on an adapter of a host, whomever it is for, datagram by datagram. */
export class WireTap {
  readonly #heard: Tapped[] = [];
  readonly #process: ChildProcess;
  readonly #log = new Transcript('tcpdump');
  #pending: Buffer = Buffer.alloc(0);
  #isBegun = false;
  #waiting: ((tapped: Tapped) => void) | undefined;

  constructor(host: Host, adapter: string, filter: string) {
    const args = ['-i', adapter, '-U', '-w', '-', '--immediate-mode', '-n', filter];
    this.#process = host.spawn('tcpdump', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#log.follow(this.#process.stderr);
    this.#process.stdout?.on('data', (bytes: Buffer) => this.#take(bytes));
  }

  async listening(): Promise<void> {
    await this.#log.until(/listening on/, { seconds: 20 });
  }

  /** The next one that was not handed out yet. @throws Error where none comes within 10 s. */
  next(): Promise<Tapped> {
    const first = this.#heard.shift();
    if (first) return Promise.resolve(first);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('nothing came over the wire within 10 s')), 10_000);
      this.#waiting = (tapped) => {
        clearTimeout(timer);
        resolve(tapped);
      };
    });
  }

  /** How many have come that nobody asked for. */
  get left(): number {
    return this.#heard.length;
  }

  stop(): void {
    this.#process.kill();
  }

  #take(bytes: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    if (!this.#isBegun && this.#pending.length >= FILE_HEADER) {
      this.#isBegun = true;
      this.#pending = this.#pending.subarray(FILE_HEADER);
    }
    while (this.#isBegun && this.#pending.length >= RECORD_HEADER) {
      const end = RECORD_HEADER + this.#pending.readUInt32LE(8);
      if (this.#pending.length < end) break;
      this.#tell(datagramIn(this.#pending.subarray(RECORD_HEADER, end)));
      this.#pending = this.#pending.subarray(end);
    }
  }

  #tell(tapped: Tapped): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting(tapped);
    else this.#heard.push(tapped);
  }
}

function datagramIn(frame: Buffer): Tapped {
  const ip = frame.subarray(ETHERNET_HEADER);
  const udp = ip.subarray((ip[0]! & 15) * 4, ip.readUInt16BE(2));
  return {
    hex: udp.subarray(UDP_HEADER).toString('hex'),
    to: `${ip.subarray(16, 20).join('.')}:${udp.readUInt16BE(2)}`,
  };
}
