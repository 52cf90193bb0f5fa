import type { DhcpEvent } from '../journal/dhcp-events.ts';
import type { Sink } from '../journal/event.ts';
import { unexpected } from '../journal/fault.ts';
import type { Lease, LeaseChange, LeaseStore } from '../leases/lease.ts';
import { setArpEntry } from '../platform/arp.ts';
import type { Clock } from '../platform/clock.ts';
import { troubleOf } from '../platform/storage-trouble.ts';
import type { Datagram, DatagramSocket } from '../platform/udp.ts';
import { BROADCAST, type Ipv4 } from '../protocol/ipv4.ts';
import type { Answer, Outcome } from './question.ts';
import { shorterAck } from './shorter-ack.ts';

/** What one packet leads to. `now` in seconds since 1970. Must not throw for what a packet holds. */
export type Decide = (datagram: Datagram, now: number) => Outcome;

/** Where leases are kept, by its name for people. */
export interface LeaseDesk {
  readonly file: string;
  readonly store: Pick<LeaseStore, 'save'> & {
    /** What is on disk of these addresses, when nothing can be saved. Never rejects. */
    standing?(addresses: readonly Ipv4[]): Promise<readonly Lease[]>;
  };
}

export interface LoopOptions {
  readonly decide: Decide;
  readonly adapter: string;
  /** Where leases are kept; undefined where none are given. */
  readonly leases?: LeaseDesk;
  readonly clock: Clock;
  readonly sink: Sink;
}

/** Packets whose answers wait for the disk; those that come when there are as many get none, and their machines ask again. */
const MOST_HELD = 10_000;

/** One turn: every waiting packet is decided; answers that promise nothing new leave, the others follow their commit. */
export class ReceiveLoop {
  socket: DatagramSocket | undefined;
  readonly #options: LoopOptions;
  #saving: Promise<void> = Promise.resolve();
  #held = 0;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  receive(datagrams: readonly Datagram[]): void {
    const { decide, clock, leases } = this.#options;
    const now = clock.now();
    const changes: LeaseChange[] = [];
    const promised: Outcome[] = [];
    const ready: Outcome[] = [];
    for (const datagram of datagrams) {
      try {
        const outcome = decide(datagram, now);
        if (outcome.changes.length > 0) {
          for (const change of outcome.changes) changes.push(change);
          promised.push(this.#heard(outcome));
        } else ready.push(outcome);
      } catch (error) {
        this.#fault(error);
      }
    }
    // The disk works meanwhile.
    if (promised.length > 0 && leases && this.#held < MOST_HELD)
      this.#saving = this.#promise(changes, promised, leases);
    this.#finish(ready);
  }

  settled(): Promise<void> {
    return this.#saving;
  }

  async #promise(changes: LeaseChange[], promised: Outcome[], { store, file }: LeaseDesk): Promise<void> {
    const { sink, clock } = this.#options;
    this.#held += promised.length;
    try {
      await store.save(changes);
    } catch (error) {
      const addresses = changes.flatMap((change) => (change.kind === 'put' ? change.lease.address : []));
      const onDisk = (await store.standing?.(addresses)) ?? [];
      const shorter = promised.map((outcome) => shorterAck(outcome, onDisk, clock.now()));
      const held = promised.filter((_, index) => !shorter[index]);
      const macs = held.flatMap(({ answer }) => answer?.mac ?? []);
      sink({ kind: 'dhcp.store-failed', ...troubleOf(error), file, macs });
      return this.#finish(shorter.filter((outcome) => outcome !== undefined));
    } finally {
      this.#held -= promised.length;
    }
    this.#finish(promised);
  }

  /** Tells what was asked, as long as the packet is there; what becomes of it is told with the answer. */
  #heard(outcome: Outcome): Outcome {
    const events = [];
    for (const event of outcome.events) {
      if (isQuestion(event)) this.#options.sink(event);
      else events.push(event);
    }
    return { ...outcome, events };
  }

  #finish(outcomes: readonly Outcome[]): void {
    const { sink } = this.#options;
    for (const { events, answer } of outcomes) {
      try {
        for (const event of events) sink(event);
        if (answer) this.#send(answer);
      } catch (error) {
        this.#fault(error);
      }
    }
  }

  #fault(error: unknown): void {
    this.#options.sink(unexpected('dhcp', error));
  }

  #send({ bytes, destination, mac }: Answer): void {
    const { sink, adapter } = this.#options;
    if (!this.socket) return;
    const { address, port, hardware } = destination;
    const reachable = !hardware || setArpEntry(this.socket.fd, adapter, address, hardware);
    if (!reachable) sink({ kind: 'dhcp.no-unicast', mac, address });
    this.socket.send(bytes, reachable ? address : BROADCAST, port);
  }
}

/** What was asked has happened, whatever comes of the answer. */
function isQuestion(event: DhcpEvent): boolean {
  return event.kind === 'dhcp.request' || (event.kind === 'dhcp.packet' && event.direction === 'received');
}
