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

/** Where the transfer stands. */
type Phase = 'new' | 'oack' | 'reading' | 'window' | 'ended';

/**
 * The sending side of one TFTP transfer (RFC 1350, 2347, 7440), without I/O: time in milliseconds and
 * everything received are passed in, and each call answers with the step to take. Blocks are counted
 * from 1 without wrapping; only on the wire are they cut to 16 bits.
 *
 * An ACK for the block before the window is never answered. It may be the sign of a lost block, or a stray
 * copy, and answering copies is how the Sorcerer's Apprentice starts (RFC 1123, 4.2.3.1): the timer decides.
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
  /** The last block on its way, and the highest that ever was. */
  #sent = 0;
  #highest = 0;

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
    return this.#highest === this.#lastBlock;
  }

  /** The peer has not answered anything yet. */
  get untouched(): boolean {
    return this.#acked === 0 && (this.#phase === 'oack' || this.terms.accepted.size === 0);
  }

  start(now: number): Step {
    this.progressAt = now;
    if (this.terms.accepted.size === 0) return this.#readWindow();
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
    const wanted = this.#windowRead().length;
    if (bytes.length < wanted) return this.fail(`the file ends ${wanted - bytes.length} bytes early`);
    return this.#sendWindow(bytes.subarray(0, wanted), now);
  }

  /** Called once `deadline` has passed. */
  expire(now: number): Step {
    if (now < this.deadline || this.#phase === 'ended') return NOTHING;
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
    return this.#readWindow();
  }

  #acknowledge(block: number, now: number): Step {
    const advance = (block - (this.#acked % 65536) + 65536) % 65536;
    if (advance === 0 || advance > this.#sent - this.#acked) return NOTHING;
    this.#acked += advance;
    this.#movedOn(now);
    if (this.#acked === this.#lastBlock) return this.#end({ type: 'done' });
    return this.#readWindow();
  }

  #movedOn(now: number): void {
    this.#waited = 0;
    this.progressAt = now;
  }

  #aborted(code: number, message: string): Step {
    return this.#end({ type: 'aborted', code, message, probe: this.#acked === 0 });
  }

  #resend(now: number): Step {
    if (this.#phase !== 'oack') return this.#readWindow();
    this.retransmissions += 1;
    return this.#sendOack(now);
  }

  #sendOack(now: number): Step {
    this.#await(now);
    return { send: [encodeOptionAck(this.terms.accepted)] };
  }

  /** Asks for the window after the last acknowledged block (RFC 7440: after a gap, from there again). */
  #readWindow(): Step {
    this.#phase = 'reading';
    this.#sent = this.#acked;
    this.deadline = Number.POSITIVE_INFINITY;
    return { send: [], read: this.#windowRead() };
  }

  #windowRead(): { offset: number; length: number } {
    const offset = this.#acked * this.terms.blockSize;
    return { offset, length: Math.min(this.terms.windowSize * this.terms.blockSize, this.size - offset) };
  }

  #sendWindow(bytes: Uint8Array, now: number): Step {
    const { blockSize, windowSize } = this.terms;
    const send: Uint8Array[] = [];
    const last = Math.min(this.#acked + windowSize, this.#lastBlock);
    for (let block = this.#acked + 1; block <= last; block++) {
      const at = (block - this.#acked - 1) * blockSize;
      send.push(encodeData(block, bytes.subarray(at, at + blockSize)));
    }
    this.#phase = 'window';
    this.#sent = last;
    this.retransmissions += Math.max(0, Math.min(last, this.#highest) - this.#acked);
    this.#highest = Math.max(this.#highest, last);
    this.#await(now);
    return { send };
  }

  #await(now: number): void {
    this.deadline = now + this.#waits[this.#waited]!;
  }

  #end(outcome: Outcome, farewell?: Uint8Array): Step {
    if (this.#phase === 'ended') return NOTHING;
    this.#phase = 'ended';
    this.outcome = outcome;
    this.deadline = Number.POSITIVE_INFINITY;
    return { send: farewell ? [farewell] : [] };
  }
}
