import type { Profile } from '../config/profile.ts';
import type { Sink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import { type Icmp6Socket, openIcmp6 } from '../platform/icmp6.ts';

const ROUTER_SOLICITATION = 133;
/**
 * "There is a router here, for no time at all, and no address to be had" (RFC 4861 §4.2): type 134, hop limit 64, lifetime 0, no
 * options. It gives no host a route or an address.
 */
const EMPTY_ADVERTISEMENT = Buffer.of(134, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
/** One advertisement answers everybody who has asked; a flood of questions gets no more than ten a second. */
const LEAST_PAUSE_MS = 100;

/**
 * Answers IPv6 router solicitations on the adapter with an empty advertisement. iPXE builds before 2.0 wait some 13 s in every stage
 * for a router that does not exist; the answer ends the wait.
 */
export class RouterAdvertiser {
  readonly #adapter: Profile['adapter'];
  readonly #clock: Clock;
  readonly #sink: Sink;
  #stopped = false;

  constructor(adapter: Profile['adapter'], clock: Clock, sink: Sink) {
    this.#adapter = adapter;
    this.#clock = clock;
    this.#sink = sink;
  }

  /** Never throws: without it machines boot all the same, only later. */
  start(): void {
    try {
      const socket = openIcmp6(this.#adapter, ROUTER_SOLICITATION);
      void this.#run(socket).finally(() => socket.close());
    } catch (error) {
      this.#sink({
        kind: 'dhcp.no-advertisements',
        adapter: this.#adapter.name,
        reason: (error as Error).message,
      });
    }
  }

  /** Does not wait for the receive under way, which ends within a quarter of a second. */
  stop(): void {
    this.#stopped = true;
  }

  async #run(socket: Icmp6Socket): Promise<void> {
    let sentAt = Number.NEGATIVE_INFINITY;
    while (!this.#stopped) {
      const message = await socket.receive();
      const now = this.#clock.monotonic();
      if (this.#stopped || message?.[0] !== ROUTER_SOLICITATION || now - sentAt < LEAST_PAUSE_MS) continue;
      sentAt = now;
      try {
        socket.sendToAllNodes(EMPTY_ADVERTISEMENT);
      } catch {
        // The adapter's own link-local address is still being checked; who asks asks again.
      }
    }
  }
}
