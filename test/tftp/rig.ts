import { decode } from '../../src/protocol/tftp/codec.ts';
import type { Terms } from '../../src/protocol/tftp/negotiate.ts';
import type { Packet } from '../../src/protocol/tftp/packet.ts';
import { type Step, Transfer } from '../../src/tftp/transfer.ts';

/** A byte of the test file: differs between neighbouring blocks, and across multiples of 65536 blocks. */
export function byteAt(offset: number): number {
  return (offset * 31 + Math.floor(offset / 251) + Math.floor(offset / 65536) * 7) % 256;
}

export function content(offset: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => byteAt(offset + at));
}

export const terms = (wanted: Partial<Terms> = {}): Terms => ({
  blockSize: 512,
  windowSize: 1,
  timeout: undefined,
  accepted: new Map(),
  ...wanted,
});

/** With an OACK, as every transfer that negotiated something has. */
export const agreed = (wanted: Partial<Terms> = {}): Terms =>
  terms({ accepted: new Map([['tsize', '1']]), ...wanted });

/** A transfer whose reads are answered at once; every call returns the packets that it sent. */
export class Rig {
  readonly transfer: Transfer;
  readonly #read: (offset: number, length: number) => Uint8Array;

  constructor(size: number, wanted: Terms = terms(), read = content) {
    this.transfer = new Transfer(size, wanted);
    this.#read = read;
  }

  start(now = 0): Packet[] {
    return this.#run(this.transfer.start(now), now);
  }

  ack(block: number, now = 0): Packet[] {
    return this.receive({ type: 'ack', block }, now);
  }

  receive(packet: Packet, now = 0): Packet[] {
    return this.#run(this.transfer.receive(packet, now), now);
  }

  expire(now = this.transfer.deadline): Packet[] {
    return this.#run(this.transfer.expire(now), now);
  }

  repeatFirst(now = 0): Packet[] {
    return this.#run(this.transfer.repeatFirst(now), now);
  }

  #run(first: Step, now: number): Packet[] {
    const sent: Packet[] = [];
    for (let step = first; ; ) {
      sent.push(...step.send.map(decode));
      if (!step.read) return sent;
      step = this.transfer.provide(this.#read(step.read.offset, step.read.length), now);
    }
  }
}

/** "data 1, data 2" or "error 0: timed out": what was sent, short. */
export function summary(packets: readonly Packet[]): string {
  return packets.map(short).join(', ');
}

function short(packet: Packet): string {
  switch (packet.type) {
    case 'data':
      return `data ${packet.block}`;
    case 'ack':
      return `ack ${packet.block}`;
    case 'error':
      return `error ${packet.code}: ${packet.message}`;
    case 'oack':
      return `oack ${[...packet.options].map(([name, value]) => `${name}=${value}`).join(' ')}`;
    default:
      return packet.type;
  }
}
