import { ERROR_CODE, OPCODE } from '../../src/protocol/tftp/packet.ts';

/** What every machine of a load does. */
export interface TftpPlan {
  readonly file: string;
  /** What the file holds, to compare every block with. */
  readonly original: Buffer;
  readonly blksize: number;
  readonly windowsize: number;
  /** How long a machine takes for one block (writing it to flash, say); its ACK comes only then. */
  readonly msPerBlock: number;
  /** After so much silence it says its last word again, as firmware does. */
  readonly patienceMs: number;
}

/** What has been seen, by all machines together. */
export class TftpTally {
  bytes = 0;
  datagrams = 0;
  /** Datagrams with a block that had been received before: what the server sent again though nothing was lost on the way here. */
  repeated = 0;
  /** Datagrams that came ahead of a missing one. */
  ahead = 0;
  /** Times a machine lost its patience. */
  impatient = 0;
  corrupt = 0;
}

const TRIES = 8;

/** One simulated machine that loads one file (RFC 1350, 2347, 7440). Knows no socket and no clock. */
export class TftpMachine {
  readonly address: number;
  state: 'asking' | 'loading' | 'done' | 'failed' = 'asking';
  problem = '';
  bytes = 0;
  /** It has been entered in the load's result. */
  counted = false;
  server = { address: 0, port: 0 };
  /** When its patience ends; Infinity where it waits for nothing. */
  patientUntil = 0;
  /** When the ACK that it is writing blocks for is to be sent; Infinity: none is. */
  ackAt = Number.POSITIVE_INFINITY;
  readonly #plan: TftpPlan;
  readonly #tally: TftpTally;
  #blksize = 512;
  #windowsize = 1;
  #next = 1;
  #inWindow = 0;
  #tries = 0;
  /** The newest block of a flight that came after a gap, and where the gap is. */
  #newestAhead = 0;
  #gapAt = 0;
  /** The last ACK is to be said again once all that came together has been looked at. */
  #owes = false;

  constructor(address: number, plan: TftpPlan, tally: TftpTally, now: number) {
    this.address = address;
    this.#plan = plan;
    this.#tally = tally;
    this.patientUntil = now + plan.patienceMs;
  }

  request(): Buffer {
    const { file, blksize, windowsize } = this.#plan;
    const options = `blksize\0${blksize}\0${windowsize > 1 ? `windowsize\0${windowsize}\0` : ''}`;
    return Buffer.from(`\0\x01${file}\0octet\0${options}`, 'latin1');
  }

  get acknowledgement(): Buffer {
    const block = this.#next - 1;
    return Buffer.from([0, OPCODE.ack, block >> 8, block]);
  }

  /** One datagram. @returns whether an ACK is due at once. */
  take(bytes: Buffer, at: number, length: number, now: number): boolean {
    this.#tally.datagrams++;
    const opcode = bytes[at + 1];
    if (opcode === OPCODE.data) return this.#data(bytes, at, length, now);
    if (opcode === OPCODE.error) return this.#refused(bytes.toString('latin1', at + 4, at + length - 1));
    if (opcode !== OPCODE.oack) return false;
    if (this.#next > 1) return false;
    this.#agree(bytes.toString('latin1', at + 2, at + length).split('\0'));
    this.#moved(now);
    return true;
  }

  /** All that came together has been taken. @returns whether the last ACK is due again. */
  settle(): boolean {
    if (!this.#owes) return false;
    this.#owes = false;
    this.#inWindow = 0;
    return this.state === 'loading' || this.state === 'done';
  }

  /** Its patience has ended. @returns whether it says its last word again, rather than give up. */
  insist(now: number): boolean {
    this.patientUntil = now + this.#plan.patienceMs;
    this.#tally.impatient++;
    if (++this.#tries > TRIES) this.#refused('nothing comes any more');
    return this.state !== 'failed';
  }

  #agree(words: string[]): void {
    const options = new Map(
      words.flatMap((word, n) => (n % 2 === 0 ? [[word.toLowerCase(), words[n + 1]]] : [])) as [
        string,
        string,
      ][],
    );
    this.#blksize = Number(options.get('blksize') ?? 512);
    this.#windowsize = Number(options.get('windowsize') ?? 1);
    this.state = 'loading';
  }

  #data(bytes: Buffer, at: number, length: number, now: number): boolean {
    const block = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    const ahead = (block - this.#next) & 0xffff;
    if (ahead !== 0 || this.state === 'done') return this.#outOfTurn(ahead);
    this.state = 'loading';
    if (!this.#compare(bytes, at + 4, length - 4))
      return this.#refused(`block ${this.#next} is not what the file holds`);
    this.#next++;
    this.#inWindow++;
    this.#moved(now);
    const last = length - 4 < this.#blksize;
    if (!last && this.#inWindow < this.#windowsize) return false;
    if (last) {
      this.state = 'done';
      this.patientUntil = Number.POSITIVE_INFINITY;
    }
    const blocks = this.#inWindow;
    this.#inWindow = 0;
    this.#owes = false;
    if (this.#plan.msPerBlock === 0) return true;
    this.ackAt = now + blocks * this.#plan.msPerBlock;
    return false;
  }

  #compare(bytes: Buffer, from: number, length: number): boolean {
    const { original } = this.#plan;
    const start = (this.#next - 1) * this.#blksize;
    const expected = Math.min(this.#blksize, original.length - start);
    this.#tally.bytes += length;
    this.bytes += length;
    if (length === expected && bytes.compare(original, start, start + length, from, from + length) === 0)
      return true;
    this.#tally.corrupt++;
    return false;
  }

  /** @param ahead of the block that is wanted; behind it from half of all numbers on. */
  #outOfTurn(ahead: number): boolean {
    if (ahead >= 0x8000) {
      this.#tally.repeated++;
      // The server has not heard the last ACK, or does not wait for it.
      if (ahead === 0xffff && this.ackAt === Number.POSITIVE_INFINITY) this.#owes = true;
      return false;
    }
    this.#tally.ahead++;
    if (this.#gapAt !== this.#next || ahead <= this.#newestAhead) this.#owes = true;
    this.#gapAt = this.#next;
    this.#newestAhead = ahead;
    return false;
  }

  #moved(now: number): void {
    this.#tries = 0;
    this.patientUntil = now + this.#plan.patienceMs;
  }

  #refused(problem: string): false {
    this.state = 'failed';
    this.problem = problem;
    this.patientUntil = Number.POSITIVE_INFINITY;
    return false;
  }
}

/** What a machine says that is switched off. */
export const GOODBYE = Buffer.from([0, OPCODE.error, 0, ERROR_CODE.undefined, 0]);
