import type { Ipv4 } from '../protocol/ipv4.ts';
import { type Region, receiveMessages, region } from './libc-datagrams.ts';
import type { Datagram } from './udp.ts';
import { MessageRow } from './udp-messages.ts';

const SLOTS = 256;
/**
 * Holds every datagram there can be, so that none is ever cut. A multiple of the cache's lines, not of its size, or all slots
 * would share a few lines of it. Only the pages that datagrams reach take memory.
 */
const SLOT = 65_600;

const NOTHING = new Uint8Array(0);

class Slot implements Datagram {
  bytes: Uint8Array = NOTHING;
  address: Ipv4 = 0;
  port = 0;
}

/** Where the datagrams of one recvmmsg are received. Handlers are done with a batch when they return, so all sockets share one. */
export class Reception {
  readonly #region: Region = region(SLOTS * SLOT);
  readonly #row = new MessageRow(SLOTS);
  readonly #slots: Slot[] = [];

  constructor() {
    for (let index = 0; index < SLOTS; index++) {
      this.#row.setPayload(index, this.#region.address + index * SLOT, SLOT);
      this.#slots.push(new Slot());
    }
  }

  /** @returns what waited, as much as there are slots for, valid until the next call; or a negated errno. */
  receive(fd: number): readonly Datagram[] | number {
    const row = this.#row;
    const count = receiveMessages(fd, row.headerAddress(0), SLOTS);
    if (count <= 0) return count;
    for (let index = 0; index < count; index++) {
      const slot = this.#slots[index]!;
      const length = row.received(index);
      // Most datagrams are as long as the one that was here before.
      if (slot.bytes.length !== length || slot.bytes === NOTHING)
        slot.bytes = new Uint8Array(this.#region.buffer, index * SLOT, length);
      slot.address = row.peerAddress(index);
      slot.port = row.peerPort(index);
    }
    return this.#slots.slice(0, count);
  }
}

/** More may wait than came. */
export function isFull(batch: readonly Datagram[]): boolean {
  return batch.length === SLOTS;
}
