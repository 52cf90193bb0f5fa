/** The shortest wait before something is sent again, in milliseconds. */
const SHORTEST = 20;
/**
 * The wait while nothing is known of the peer (RFC 6298, 2.1): a window of four, which UEFI asks for, may be written to flash that takes half a
 * second for a block; for larger ones a loss would cost more than the few packets that such a peer gets twice.
 */
const FIRST = 1000;
const EACH_BLOCK_MORE = 500;
const LONGEST_FIRST = 2500;
/** Waits double up to this, where the peer has not proved to be slower. */
const LONGEST = 10_000;
/** What a pause can raise the waits to: no more than the first wait was. */
const LONGEST_FOR_PAUSES = 1000;
/** How much of the longest answer is forgotten with each one that is faster. */
const FORGETTING = 1 / 256;
/** An answer to what was sent again comes this much later than others at most, in milliseconds. */
const SLACK = 2;
/**
 * And by no more than this part of the whole time that it took: a pause ends at any moment between two sendings, and what is a little late on a
 * busy network must not double the wait with each loss.
 */
const LATE = 1 / 8;
/** So much faster than what was measured, it was not the peer that took so long: its ACK was lost, and repeated by its own timer. */
const FAR_FASTER = 1 / 8;

const SILENCE = 23_000;
const MOST_TIMEOUTS = 5;
const FEWEST_TIMEOUTS = 2;
const ENOUGH_SECONDS = 60;

/**
 * How long one peer takes to answer, and so how long to wait before something is sent again: the retransmission timer of RFC 6298 with
 * Karn's rule (answers to what was sent twice are no samples), made cautious for firmware.
 *
 * - The wait is twice the measured time and more, never less than 20 ms. A peer that takes 500 ms for every block is not hurried.
 * - A peer that is fast but pauses (it writes to flash) is sent a window again at its first pause. Such an answer comes far later after
 *   the sending that is to be thanked for it than any other does, or comes twice; the wait then stays as long as that pause was.
 * - A negotiated timeout (RFC 2349) is the first wait, and the longest: the peer wants to be sent what is missing after so long, at the
 *   latest, as it times its own side by that.
 */
export class Pace {
  readonly #timeout: number | undefined;
  /** The wait for a window, before anything is known. */
  #first: number;
  #smoothed = 0;
  #variation = 0;
  #longest = 0;
  #sampled = false;

  /** @param timeout seconds, where negotiated. @param windowSize blocks that the peer takes before it answers. */
  constructor(timeout: number | undefined, windowSize: number) {
    this.#timeout = timeout === undefined ? undefined : timeout * 1000;
    this.#first = this.#timeout ?? Math.min(FIRST + EACH_BLOCK_MORE * (windowSize - 1), LONGEST_FIRST);
  }

  /** An answer to a window that was sent once, so many milliseconds after it. */
  sample(ms: number): void {
    if (!this.#sampled || ms < this.#smoothed * FAR_FASTER) {
      this.#sampled = true;
      this.#smoothed = ms;
      this.#variation = ms / 2;
    }
    this.#variation += (Math.abs(this.#smoothed - ms) - this.#variation) / 4;
    this.#smoothed += (ms - this.#smoothed) / 8;
    if (ms > this.#longest) this.#longest = ms;
    else this.#longest -= this.#longest * FORGETTING;
  }

  /**
   * An answer to a window that was sent more than once, which tells little: until there is a sample, the wait stays as long as it has become;
   * but no longer than first waits are where the answer came right after the last sending, as it does where the others were lost.
   * @param again times that it was sent again for want of an answer.
   * @param sinceAgain milliseconds since it was sent last. @param sinceFirst and since it was sent first.
   */
  answered(again: number, sinceAgain: number, sinceFirst: number): void {
    if (!this.#sampled) {
      const most = sinceAgain > SHORTEST ? Number.POSITIVE_INFINITY : Math.max(this.#first, LONGEST_FIRST);
      this.#first = Math.min(this.wait(again), most);
    } else if (sinceAgain > Math.max(this.#measured + SLACK, sinceFirst * LATE)) {
      this.paused(sinceFirst);
    } else {
      // Something was lost: the longest answer may have been one that was repeated, too.
      this.#longest = Math.min(this.#longest, LONGEST_FOR_PAUSES) / 2;
    }
  }

  /** The peer has taken so long, though nothing was lost. */
  paused(ms: number): void {
    this.#longest = Math.max(this.#longest, ms);
  }

  get #measured(): number {
    return 2 * this.#smoothed + 4 * this.#variation;
  }

  /** Milliseconds to wait for an answer to what has been sent again so many times. */
  wait(again: number): number {
    const first = this.#sampled
      ? Math.max(SHORTEST, this.#measured, Math.min(2 * this.#longest, LONGEST_FOR_PAUSES))
      : this.#first;
    return this.#doubled(first, again);
  }

  /** The same for the OACK, which costs the peer nothing to answer. */
  waitForStart(again: number): number {
    return this.#doubled(this.#timeout ?? FIRST, again);
  }

  #doubled(first: number, times: number): number {
    return Math.min(first * 2 ** times, Math.max(first, this.#timeout ?? LONGEST));
  }

  /** Milliseconds of silence after which the peer is given up. */
  get patience(): number {
    const least = 2 * this.wait(0);
    if (this.#timeout === undefined) return Math.max(SILENCE, least);
    const waits = Math.floor((ENOUGH_SECONDS * 1000) / this.#timeout);
    return Math.max(this.#timeout * Math.min(MOST_TIMEOUTS, Math.max(FEWEST_TIMEOUTS, waits)), least);
  }
}
