import { encodeError, encodeOptionAck } from '../protocol/tftp/codec.ts';
import type { Terms } from '../protocol/tftp/negotiate.ts';
import { ERROR_CODE } from '../protocol/tftp/packet.ts';
import { Pace } from './pace.ts';

/** How a transfer ended. */
export type Outcome =
  | { readonly type: 'done' }
  /** The peer ended it; `probe` when it had taken nothing yet, as firmware does that only asks for the size. */
  | { readonly type: 'aborted'; readonly code: number; readonly message: string; readonly probe: boolean }
  | { readonly type: 'timeout' }
  /** The peer had answered nothing yet when its place was needed. */
  | { readonly type: 'unanswered' }
  /** The file could not be read to its end. */
  | { readonly type: 'failed'; readonly problem: string }
  /** This side ended it: shutdown, or the peer asks for something else now. */
  | { readonly type: 'cancelled'; readonly reason: string };

/**
 * What is to be done now. `blocks`: read them, send them, then call `sent`. The object is good until the next call, so that steps
 * are no garbage.
 */
export type Step =
  | { readonly type: 'wait' }
  | { readonly type: 'blocks'; readonly first: number; readonly last: number }
  | { readonly type: 'packet'; readonly bytes: Uint8Array };

const WAIT: Step = { type: 'wait' };

/**
 * Times that the first reply is sent again for want of any answer, and times that it is because the request came again. Machines repeat their
 * requests; whoever has sent none, since its address was forged, gets no more than this.
 */
const MOST_UNASKED = 3;
const MOST_REPEATED = 4;

/** How long what is on its way may take to show that an ACK inside the window told of no gap, in milliseconds. */
const GAP_WAIT = 100;
/** An ACK that tells of a gap so soon after a sending, in milliseconds, is taken for its answer, though not all of that was sent first then. */
const AT_ONCE = 20;

/** An ACK that comes again so long after all was sent is no copy: the peer's own timer has repeated it, as what it waits for was lost. */
const OWN_TIMER = 250;
/** So often it makes this side send again, before only the timer of this side does. */
const MOST_CALLS = 8;

/** Where the transfer stands. */
type Phase = 'new' | 'oack' | 'reading' | 'window' | 'ended';

/**
 * The sending side of one TFTP transfer (RFC 1350, 2347, 7440), without I/O: time in milliseconds and
 * everything received are passed in, and each call answers with the step to take. Blocks are counted
 * from 1 without wrapping; only on the wire are they cut to 16 bits.
 *
 * Two rules keep the Sorcerer's Apprentice away (RFC 1123, 4.2.3.1), where copies breed copies. An ACK that
 * moves nothing on is not answered: it may tell of a loss or be a stray copy, and a timer decides, ours or the
 * peer's own, which repeats an ACK long after anything was sent. And from a peer that answers every copy (EDK2 does), an ACK inside the window that follows the filling of a gap
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

  readonly #pace: Pace;
  readonly #lastBlock: number;
  readonly #blocks = { type: 'blocks' as const, first: 1, last: 0 };
  #phase: Phase = 'new';
  /** Times that the same has been sent again since the peer last moved the transfer on. */
  #again = 0;
  /** Times that the peer has sent its request again, and was answered. */
  #repeated = 0;
  /** Nothing was heard of the peer since then. */
  #silentSince = 0;
  /** Every block up to this one is acknowledged. */
  #acked = 0;
  /** The last block on its way. */
  #sent = 0;
  /** When what is on its way was sent first, and last. */
  #sentFirstAt = 0;
  #sentLastAt = 0;
  /** Nothing on its way was sent twice: the answer to it is a sample. */
  #sentOnce = false;
  /** The last block on its way was sent once: so is an answer to all of it. */
  #endSentOnce = false;
  /** How long the last window took, if it was sent again for want of an answer; 0 otherwise. */
  #doubtful = 0;
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
    this.#pace = new Pace(terms.timeout, terms.windowSize);
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
    this.#silentSince = now;
    if (this.terms.accepted.size === 0) return this.#sendFrom(1, now);
    this.#phase = 'oack';
    return this.#sendOack(now);
  }

  /** An ACK has come. @param block its 16 bits. */
  acknowledge(block: number, now: number): Step {
    if (this.#phase === 'ended') return WAIT;
    if (this.#phase === 'oack') return this.#oackAnswered(block, now);
    const advance = (block - (this.#acked % 65536) + 65536) % 65536;
    if (advance === 0 && this.#isRepeated(now)) {
      this.#again += 1;
      return this.#resend(now);
    }
    if (advance === 0) this.#copied(now);
    if (this.#phase === 'reading' || advance === 0 || advance > this.#sent - this.#acked) return WAIT;
    this.#acked += advance;
    this.#measure(now);
    this.#movedOn(now);
    if (this.#acked === this.#lastBlock) return this.#end({ type: 'done' });
    const gap = this.#acked < this.#sent;
    this.#gapSuspected = gap && this.#filling && this.#answersCopies;
    this.#filling = gap;
    return this.#sendFrom(this.#gapSuspected ? this.#sent + 1 : this.#acked + 1, now);
  }

  /** The peer has ended it with an ERROR. */
  abort(code: number, message: string): Step {
    return this.#end({ type: 'aborted', code, message, probe: this.#acked === 0 });
  }

  /** The blocks that the last step named are on their way. */
  sent(now: number): void {
    if (this.#phase !== 'reading') return;
    this.#phase = 'window';
    const { first, last } = this.#blocks;
    const again = Math.max(0, this.#sent - first + 1);
    this.retransmissions += again;
    this.#sentOnce = again === 0 && this.#acked === this.#sent;
    if (again === 0) {
      this.#sentFirstAt = now;
      this.#silentSince = now;
    }
    this.#sentLastAt = now;
    this.#endSentOnce = last > this.#sent;
    this.#sent = last;
    this.#await(now);
  }

  /** Called once `deadline` has passed. */
  expire(now: number): Step {
    if (now < this.deadline || this.#phase === 'ended') return WAIT;
    if (this.#gapSuspected) {
      this.#gapSuspected = false;
      return this.#sendFrom(this.#acked + 1, now);
    }
    // A peer that has never said anything may never have asked: it is not even told.
    const { untouched } = this;
    if (untouched && this.#again >= MOST_UNASKED) return this.#end({ type: 'timeout' });
    if (now - this.#silentSince >= this.#pace.patience) {
      const farewell = untouched ? undefined : encodeError(ERROR_CODE.undefined, 'timed out');
      return this.#end({ type: 'timeout' }, farewell);
    }
    this.#again += 1;
    return this.#resend(now);
  }

  /** The peer has sent its request again: what was sent first is repeated, unless that has been answered. */
  repeatFirst(now: number): Step {
    if (!this.untouched || this.#phase === 'reading' || this.#repeated >= MOST_REPEATED) return WAIT;
    this.#repeated += 1;
    return this.#resend(now);
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

  /** Ends it from this side: the peer has never answered, and somebody else asks. */
  giveWay(): Step {
    return this.#end({ type: 'unanswered' });
  }

  #oackAnswered(block: number, now: number): Step {
    if (block !== 0) return WAIT;
    this.#movedOn(now);
    return this.#sendFrom(1, now);
  }

  /** The peer waits, and has said so of its own accord. */
  #isRepeated(now: number): boolean {
    if (this.#phase !== 'window' || this.#sent === this.#acked || this.#again >= MOST_CALLS) return false;
    return now - this.#sentLastAt >= OWN_TIMER;
  }

  /** The same ACK once more. */
  #copied(now: number): void {
    if (now - this.progressAt < GAP_WAIT) this.#answersCopies = true;
    // Both sendings of a block have been answered: the first was not lost, the peer is slow. In larger windows copies are no such sign, as
    // one that is sent again for its lost end has been received in part.
    if (this.#doubtful > 0 && this.terms.windowSize === 1) this.#pace.paused(this.#doubtful);
    this.#doubtful = 0;
  }

  #measure(now: number): void {
    const took = now - this.#sentFirstAt;
    const sinceLast = now - this.#sentLastAt;
    this.#doubtful = this.#again > 0 ? took : 0;
    if (this.#acked < this.#sent) {
      // It tells of a gap, and at once: as good a sample as any, where hardly a window comes whole.
      if (sinceLast < (this.#sentOnce ? GAP_WAIT : AT_ONCE)) this.#pace.sample(sinceLast);
      return;
    }
    if (this.#endSentOnce) this.#pace.sample(sinceLast);
    else this.#pace.answered(this.#again, sinceLast, took);
  }

  #movedOn(now: number): void {
    this.#again = 0;
    this.progressAt = now;
    this.#silentSince = now;
  }

  #resend(now: number): Step {
    if (this.#phase !== 'oack') return this.#sendFrom(this.#acked + 1, now);
    this.retransmissions += 1;
    return this.#sendOack(now);
  }

  #sendOack(now: number): Step {
    this.#await(now);
    return { type: 'packet', bytes: encodeOptionAck(this.terms.accepted) };
  }

  /** Sends the window's blocks from this one on. */
  #sendFrom(block: number, now: number): Step {
    const last = Math.min(this.#acked + this.terms.windowSize, this.#lastBlock);
    if (block > last) {
      this.#await(now);
      return WAIT;
    }
    this.#phase = 'reading';
    this.#blocks.first = block;
    this.#blocks.last = last;
    this.deadline = Number.POSITIVE_INFINITY;
    return this.#blocks;
  }

  #await(now: number): void {
    const wait = this.#phase === 'oack' ? this.#pace.waitForStart(this.#again) : this.#pace.wait(this.#again);
    const until = now + (this.#gapSuspected ? Math.min(wait, GAP_WAIT) : wait);
    this.deadline = Math.min(until, this.#silentSince + this.#pace.patience);
  }

  #end(outcome: Outcome, farewell?: Uint8Array): Step {
    if (this.#phase === 'ended') return WAIT;
    this.#phase = 'ended';
    this.outcome = outcome;
    this.deadline = Number.POSITIVE_INFINITY;
    return farewell ? { type: 'packet', bytes: farewell } : WAIT;
  }
}
