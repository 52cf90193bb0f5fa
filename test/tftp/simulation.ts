import type { Terms } from '../../src/protocol/tftp/negotiate.ts';
import { type Step, Transfer } from '../../src/tftp/transfer.ts';
import { packetsOf } from './rig.ts';

/** What the network does to a packet: how many copies of it arrive, and how late, in milliseconds. */
export type Fate = readonly number[];

interface Arrival {
  readonly at: number;
  readonly order: number;
  readonly to: 'client' | 'server';
  readonly block: number;
  readonly data: Uint8Array;
}

/**
 * A receiver that does what real ones do, in its most talkative form: it answers every block that is not the
 * next one with the last ACK again, and repeats that when nothing comes.
 */
class Receiver {
  readonly received: Uint8Array[] = [];
  complete = false;
  #next = 1;
  #inWindow = 0;
  readonly #terms: Terms;

  constructor(terms: Terms) {
    this.#terms = terms;
  }

  /** @returns the block number to acknowledge, if any. */
  take(block: number, data: Uint8Array): number | undefined {
    if (block !== this.#next % 65536) return this.acknowledged;
    this.#next += 1;
    this.received.push(data);
    this.complete = data.length < this.#terms.blockSize;
    this.#inWindow = (this.#inWindow + 1) % this.#terms.windowSize;
    return this.#inWindow === 0 || this.complete ? this.acknowledged : undefined;
  }

  get acknowledged(): number {
    this.#inWindow = 0;
    return (this.#next - 1) % 65536;
  }
}

/** Runs a transfer through a network in virtual time. `fate` is asked for every packet, in order of sending. */
export function simulate(size: number, terms: Terms, fate: (packet: number) => Fate) {
  const transfer = new Transfer(size, terms);
  const receiver = new Receiver(terms);
  const flying: Arrival[] = [];
  let now = 0;
  let packets = 0;
  let dataSent = 0;

  const send = (to: Arrival['to'], block: number, data: Uint8Array) => {
    for (const delay of fate(packets++)) {
      flying.push({ at: now + delay, order: flying.length + packets, to, block, data });
    }
  };
  const run = (step: Step) => {
    for (const packet of packetsOf(step, transfer)) {
      if (packet.type !== 'data') continue;
      dataSent += 1;
      send('client', packet.block, packet.data);
    }
    if (step.type === 'blocks') transfer.sent(now);
  };

  run(transfer.start(now));
  while (!transfer.outcome) {
    flying.sort((a, b) => a.at - b.at || a.order - b.order);
    const arrival = flying[0];
    if (!arrival || arrival.at > transfer.deadline) {
      now = transfer.deadline;
      run(transfer.expire(now));
      continue;
    }
    flying.shift();
    now = arrival.at;
    if (arrival.to === 'server') {
      run(transfer.acknowledge(arrival.block, now));
      continue;
    }
    const ack = receiver.take(arrival.block, arrival.data);
    if (ack !== undefined) send('server', ack, new Uint8Array(0));
  }
  return { transfer, receiver, dataSent, milliseconds: now };
}
