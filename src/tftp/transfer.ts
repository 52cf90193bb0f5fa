import { encodeData, encodeError, encodeOptionAck } from '../protocol/tftp/codec.ts';
import type { Terms } from '../protocol/tftp/negotiate.ts';
import { ERROR_CODE, type Packet } from '../protocol/tftp/packet.ts';
import { retryWaits } from './retry.ts';

/** How a transfer ended. */
export type Outcome =
  | { readonly type: 'done' }
  /** The peer ended it; `probe` when it had taken nothing yet, as firmware does that only asks for the size. */
  | { readonly type: 'aborted'; readonly code: number; readonly message: string; readonly probe: boolean }
  | { readonly type: 'timeout' }
  /** The file could not be read to its end. */
  | { readonly type: 'failed'; readonly problem: string }
  /** This side ended it: shutdown, or the peer asks for something else now. */
  | { readonly type: 'cancelled'; readonly reason: string };

/** What is to be done now: datagrams to send, in order; then, with `read`, bytes to fetch and to `provide`. */
export interface Step {
  readonly send: readonly Uint8Array[];
  readonly read?: { readonly offset: number; readonly length: number };
}

const NOTHING: Step = { send: [] };

/** How long what is on its way may take to show that an ACK inside the window told of no gap, in milliseconds. */
const GAP_WAIT = 100;

/** Where the transfer stands. */
type Phase = 'new' | 'oack' | 'reading' | 'window' | 'ended';

/**
 * The sending side of one TFTP transfer (RFC 1350, 2347, 7440), without I/O: time in milliseconds and
 * everything received are passed in, and each call answers with the step to take. Blocks are counted
 * from 1 without wrapping; only on the wire are they cut to 16 bits.
 *
 * Two rules keep the Sorcerer's Apprentice away (RFC 1123, 4.2.3.1), where copies breed copies. An ACK that
 * moves nothing on is never answered: it may tell of a loss or be a stray copy, and the timer decides. And
 * from a peer that answers every copy (EDK2 does), an ACK inside the window that follows the filling of a gap
 * brings only blocks that were never sent, as the filling itself may have caused it; if then nothing moves,
 * it was another gap. Other peers get the window again at once, in order: some put what comes out of order
 * together wrongly.
 */
export class Transfer {
  readonly size: number;
  readonly terms: Terms;
  /** When `expire` wants to be called; Infinity while nothing is awaited from the peer. */
  deadline = Number.POSITIVE_INFINITY;
  /** Datagrams sent again. */
  retransmissions = 0;
  /** When the peer last moved the transfer on. */
  progressAt = 0;
  outcome: Outcome | undefined;

  readonly #waits: readonly number[];
  readonly #lastBlock: number;
  #phase: Phase = 'new';
  /** Waits that are used up since the peer last moved the transfer on. */
  #waited = 0;
  /** Every block up to this one is acknowledged. */
  #acked = 0;
  /** The last block on its way. */
  #sent = 0;
  /** The next block to send, while its bytes are read. */
  #next = 1;
  /** Sending again after a gap, with no window acknowledged whole since. */
  #filling = false;
  /** The peer answers copies: it has sent one ACK twice within GAP_WAIT, too soon for a timer of its own. */
  #answersCopies = false;
  /** The deadline is that of GAP_WAIT: the peer is there, and no try of its is used up. */
  #gapSuspected = false;

  /** @param size of the file in bytes. */
  constructor(size: number, terms: Terms) {
    this.size = size;
    this.terms = terms;
    this.#waits = retryWaits(terms.timeout);
    this.#lastBlock = Math.floor(size / terms.blockSize) + 1;
  }

  /** Bytes that the peer is known to have. */
  get acknowledged(): number {
    return Math.min(this.#acked * this.terms.blockSize, this.size);
  }

  /** The whole file has been sent, though not all of it acknowledged. */
  get sentWhole(): boolean {
    return this.#sent === this.#lastBlock;
  }

  /** The peer has not answered anything yet. */
  get untouched(): boolean {
    return this.#acked === 0 && (this.#phase === 'oack' || this.terms.accepted.size === 0);
  }

  start(now: number): Step {
    this.progressAt = now;
    if (this.terms.accepted.size === 0) return this.#sendFrom(1, now);
    this.#phase = 'oack';
    return this.#sendOack(now);
  }

  receive(packet: Packet, now: number): Step {
    if (this.#phase === 'ended') return NOTHING;
    if (packet.type === 'error') return this.#aborted(packet.code, packet.message);
    if (packet.type !== 'ack') return NOTHING;
    return this.#phase === 'oack'
      ? this.#oackAnswered(packet.block, now)
      : this.#acknowledge(packet.block, now);
  }

  /** The bytes that the last step asked for, as many as it asked for. */
  provide(bytes: Uint8Array, now: number): Step {
    if (this.#phase !== 'reading') return NOTHING;
    const { length } = this.#wanted();
    if (bytes.length < length) return this.fail(`the file ends ${length - bytes.length} bytes early`);
    return this.#sendBlocks(bytes.subarray(0, length), now);
  }

  /** Called once `deadline` has passed. */
  expire(now: number): Step {
    if (now < this.deadline || this.#phase === 'ended') return NOTHING;
    if (this.#gapSuspected) {
      this.#gapSuspected = false;
      return this.#sendFrom(this.#acked + 1, now);
    }
    this.#waited += 1;
    if (this.#waited >= this.#waits.length) {
      return this.#end({ type: 'timeout' }, encodeError(ERROR_CODE.undefined, 'timed out'));
    }
    return this.#resend(now);
  }

  /** The peer has sent its request again: what was sent first is repeated, unless that has been answered. */
  repeatFirst(now: number): Step {
    return this.untouched && this.#phase !== 'reading' ? this.#resend(now) : NOTHING;
  }

  /** The file cannot be read on. */
  fail(problem: string): Step {
    return this.#end(
      { type: 'failed', problem },
      encodeError(ERROR_CODE.undefined, 'the file cannot be read'),
    );
  }

  /** Ends it from this side; the peer is told why. */
  cancel(reason: string): Step {
    return this.#end({ type: 'cancelled', reason }, encodeError(ERROR_CODE.undefined, reason));
  }

  #oackAnswered(block: number, now: number): Step {
    if (block !== 0) return NOTHING;
    this.#movedOn(now);
    return this.#sendFrom(1, now);
  }

  #acknowledge(block: number, now: number): Step {
    const advance = (block - (this.#acked % 65536) + 65536) % 65536;
    if (advance === 0 && now - this.progressAt < GAP_WAIT) this.#answersCopies = true;
    if (this.#phase === 'reading' || advance === 0 || advance > this.#sent - this.#acked) return NOTHING;
    this.#acked += advance;
    this.#movedOn(now);
    if (this.#acked === this.#lastBlock) return this.#end({ type: 'done' });
    const gap = this.#acked < this.#sent;
    this.#gapSuspected = gap && this.#filling && this.#answersCopies;
    this.#filling = gap;
    return this.#sendFrom(this.#gapSuspected ? this.#sent + 1 : this.#acked + 1, now);
  }

  #movedOn(now: number): void {
    this.#waited = 0;
    this.progressAt = now;
  }

  #aborted(code: number, message: string): Step {
    return this.#end({ type: 'aborted', code, message, probe: this.#acked === 0 });
  }

  #resend(now: number): Step {
    if (this.#phase !== 'oack') return this.#sendFrom(this.#acked + 1, now);
    this.retransmissions += 1;
    return this.#sendOack(now);
  }

  #sendOack(now: number): Step {
    this.#await(now);
    return { send: [encodeOptionAck(this.terms.accepted)] };
  }

  /** Sends the window's blocks from this one on, once they are read. */
  #sendFrom(block: number, now: number): Step {
    if (block > this.#windowEnd) {
      this.#await(now);
      return NOTHING;
    }
    this.#phase = 'reading';
    this.#next = block;
    this.deadline = Number.POSITIVE_INFINITY;
    return { send: [], read: this.#wanted() };
  }

  get #windowEnd(): number {
    return Math.min(this.#acked + this.terms.windowSize, this.#lastBlock);
  }

  #wanted(): { offset: number; length: number } {
    const { blockSize } = this.terms;
    const offset = (this.#next - 1) * blockSize;
    return { offset, length: Math.min(this.#windowEnd * blockSize, this.size) - offset };
  }

  #sendBlocks(bytes: Uint8Array, now: number): Step {
    const { blockSize } = this.terms;
    const send: Uint8Array[] = [];
    for (let block = this.#next, at = 0; block <= this.#windowEnd; block++, at += blockSize) {
      send.push(encodeData(block, bytes.subarray(at, at + blockSize)));
    }
    this.#phase = 'window';
    this.retransmissions += Math.max(0, this.#sent - this.#next + 1);
    this.#sent = this.#windowEnd;
    this.#await(now);
    return { send };
  }

  #await(now: number): void {
    const wait = this.#waits[this.#waited]!;
    this.deadline = now + (this.#gapSuspected ? Math.min(wait, GAP_WAIT) : wait);
  }

  #end(outcome: Outcome, farewell?: Uint8Array): Step {
    if (this.#phase === 'ended') return NOTHING;
    this.#phase = 'ended';
    this.outcome = outcome;
    this.deadline = Number.POSITIVE_INFINITY;
    return { send: farewell ? [farewell] : [] };
  }
}
