import koffi from 'koffi';
import { bindSocket, openDatagramSocket, setRawOption } from '../../src/platform/libc.ts';

const c = koffi.load('libc.so.6');
const recvmmsg = c.func('int recvmmsg(int, uint8_t *, unsigned int, int, void *)');
const sendmmsg = c.func('int sendmmsg(int, uint8_t *, unsigned int, int)');
const poll = c.func('int poll(uint8_t *, unsigned long, int)');

const SLOTS = 64;
const SLOT = 65_536;
const HEADER = 64;
const NAME = 16;
const CONTROL = 64;
const MSG_DONTWAIT = 0x40;
const POLLIN = 1;
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
const SOL_IP = 0;
const IP_PKTINFO = 8;
const SOL_UDP = 17;
const UDP_GRO = 104;
const RECEIVE_BUFFER = 64 * 1024 * 1024;
const LONGEST_SENT = 256;

/** What a machine of the load is told of a message: it lies in `bytes` from `at` on, and is valid until the call returns. */
export type Receive = (
  machine: number,
  bytes: Buffer,
  at: number,
  length: number,
  address: number,
  port: number,
) => void;

/**
 * Many machines behind one UDP socket, each with an address of its own (all of them local to this host by one route), so that
 * a load client costs little a packet: messages of all machines come and go together (recvmmsg, sendmmsg with IP_PKTINFO). A message may
 * hold several equal datagrams of one sender, as the kernel puts together what it was given together (UDP_GRO).
 */
export class MachineSocket {
  readonly #fd = openDatagramSocket();
  readonly #bytes = Buffer.allocUnsafeSlow(SLOTS * SLOT);
  readonly #in = new Headers(this.#bytes, SLOT);
  readonly #outBytes = Buffer.allocUnsafeSlow(SLOTS * LONGEST_SENT);
  readonly #out = new Headers(this.#outBytes, LONGEST_SENT);
  readonly #poll = Buffer.alloc(8);
  #queued = 0;

  constructor(port: number) {
    const one = Buffer.from([1, 0, 0, 0]);
    const size = Buffer.alloc(4);
    size.writeInt32LE(RECEIVE_BUFFER);
    setRawOption(this.#fd, SOL_SOCKET, SO_RCVBUFFORCE, size, 'SO_RCVBUFFORCE');
    setRawOption(this.#fd, SOL_IP, IP_PKTINFO, one, 'IP_PKTINFO');
    setRawOption(this.#fd, SOL_UDP, UDP_GRO, one, 'UDP_GRO');
    bindSocket(this.#fd, 0, port);
    this.#poll.writeInt32LE(this.#fd);
    this.#poll.writeInt16LE(POLLIN, 4);
  }

  /** Takes what has come. @returns how many messages that was. */
  receive(take: Receive): number {
    this.#in.forget();
    const count = recvmmsg(this.#fd, this.#in.headers, SLOTS, MSG_DONTWAIT, null) as number;
    for (let slot = 0; slot < count; slot++) {
      const { names } = this.#in;
      const port = names.readUInt16BE(slot * NAME + 2);
      const address = names.readUInt32BE(slot * NAME + 4);
      take(this.#in.machine(slot), this.#bytes, slot * SLOT, this.#in.length(slot), address, port);
    }
    return count;
  }

  /** Waits for a message for so many milliseconds at most. */
  wait(ms: number): void {
    poll(this.#poll, 1, Math.max(0, Math.ceil(ms)));
  }

  /** Queues a short message from one machine (its address, host order). */
  send(machine: number, message: Uint8Array, address: number, port: number): void {
    if (this.#queued === SLOTS) this.flush();
    const slot = this.#queued++;
    this.#outBytes.set(message, slot * LONGEST_SENT);
    this.#out.address(slot, machine, message.length, address, port);
  }

  flush(): void {
    for (let sent = 0; sent < this.#queued; ) {
      const headers = sent === 0 ? this.#out.headers : this.#out.headers.subarray(sent * HEADER);
      const count = sendmmsg(this.#fd, headers, this.#queued - sent, 0) as number;
      if (count < 0) throw new Error(`sendmmsg: errno ${koffi.errno()}`);
      sent += count;
    }
    this.#queued = 0;
  }
}

/** An array of struct mmsghdr, each with a sockaddr_in, one iovec and room for control messages. */
class Headers {
  readonly headers = Buffer.alloc(SLOTS * HEADER);
  readonly names = Buffer.alloc(SLOTS * NAME);
  readonly #vectors = Buffer.alloc(SLOTS * 16);
  readonly #controls = Buffer.alloc(SLOTS * CONTROL);

  constructor(bytes: Buffer, slotLength: number) {
    for (let slot = 0; slot < SLOTS; slot++) {
      const header = slot * HEADER;
      this.headers.writeBigUInt64LE(addressOf(this.names) + BigInt(slot * NAME), header);
      this.headers.writeUInt32LE(NAME, header + 8);
      this.headers.writeBigUInt64LE(addressOf(this.#vectors) + BigInt(slot * 16), header + 16);
      this.headers.writeBigUInt64LE(1n, header + 24);
      this.headers.writeBigUInt64LE(addressOf(this.#controls) + BigInt(slot * CONTROL), header + 32);
      this.headers.writeBigUInt64LE(BigInt(CONTROL), header + 40);
      this.#vectors.writeBigUInt64LE(addressOf(bytes) + BigInt(slot * slotLength), slot * 16);
      this.#vectors.writeBigUInt64LE(BigInt(slotLength), slot * 16 + 8);
    }
  }

  /** Gives the kernel the whole room for control messages again. */
  forget(): void {
    for (let slot = 0; slot < SLOTS; slot++) this.headers.writeUInt32LE(CONTROL, slot * HEADER + 40);
  }

  length(slot: number): number {
    return this.headers.readUInt32LE(slot * HEADER + 56);
  }

  /** The address that a message was sent to. */
  machine(slot: number): number {
    const controls = this.#controls;
    const end = slot * CONTROL + this.headers.readUInt32LE(slot * HEADER + 40);
    for (let at = slot * CONTROL; at + 16 <= end; ) {
      const length = controls.readUInt32LE(at);
      if (controls.readInt32LE(at + 8) === SOL_IP && controls.readInt32LE(at + 12) === IP_PKTINFO) {
        return controls.readUInt32BE(at + 16 + 8);
      }
      at += (length + 7) & ~7;
    }
    throw new Error('a message without its destination');
  }

  address(slot: number, machine: number, length: number, address: number, port: number): void {
    this.names.writeUInt16LE(2, slot * NAME);
    this.names.writeUInt16BE(port, slot * NAME + 2);
    this.names.writeUInt32BE(address, slot * NAME + 4);
    this.#vectors.writeUInt32LE(length, slot * 16 + 8);
    const control = slot * CONTROL;
    this.#controls.writeUInt32LE(16 + 12, control);
    this.#controls.writeInt32LE(SOL_IP, control + 8);
    this.#controls.writeInt32LE(IP_PKTINFO, control + 12);
    this.#controls.writeUInt32BE(machine, control + 16 + 4);
    this.headers.writeUInt32LE(32, slot * HEADER + 40);
  }
}

function addressOf(bytes: Buffer): bigint {
  return BigInt(koffi.address(bytes));
}
