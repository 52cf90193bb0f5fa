import { decode, encodeData } from '../../src/protocol/tftp/codec.ts';
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

  constructor(size: number, wanted: Terms = terms()) {
    this.transfer = new Transfer(size, wanted);
  }

  start(now = 0): Packet[] {
    return this.#run(this.transfer.start(now), now);
  }

  ack(block: number, now = 0): Packet[] {
    return this.#run(this.transfer.acknowledge(block, now), now);
  }

  expire(now = this.transfer.deadline): Packet[] {
    return this.#run(this.transfer.expire(now), now);
  }

  repeatFirst(now = 0): Packet[] {
    return this.#run(this.transfer.repeatFirst(now), now);
  }

  #run(step: Step, now: number): Packet[] {
    const packets = packetsOf(step, this.transfer);
    if (step.type === 'blocks') this.transfer.sent(now);
    return packets;
  }
}

/** What a step sends. */
export function packetsOf(step: Step, { size, terms: { blockSize } }: Transfer): Packet[] {
  if (step.type === 'wait') return [];
  if (step.type === 'packet') return [decode(step.bytes)];
  const packets: Packet[] = [];
  for (let block = step.first; block <= step.last; block++) {
    const offset = (block - 1) * blockSize;
    packets.push(decode(encodeData(block, content(offset, Math.min(blockSize, size - offset)))));
  }
  return packets;
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
