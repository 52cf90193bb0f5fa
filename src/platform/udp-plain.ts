import dgram from 'node:dgram';
import { formatIpv4, type Ipv4, parseIpv4 } from '../protocol/ipv4.ts';
import { closeSocket } from './libc.ts';
import type { Datagram, DatagramSocket, UdpHandlers } from './udp.ts';
import { ARENA, LARGEST_DATAGRAM, sendFailure } from './udp-limits.ts';

/** A message that has been made room for. */
interface Waiting {
  readonly at: number;
  readonly length: number;
  readonly segment: number;
  readonly address: Ipv4;
  readonly port: number;
}

/** A datagram socket over node:dgram alone: one system call a datagram. Takes over the bound descriptor. */
export async function openPlain(fd: number, handlers: UdpHandlers): Promise<DatagramSocket> {
  const socket = dgram.createSocket({ type: 'udp4', lookup: literalLookup });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ fd, exclusive: true }, () => {
        socket.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    closeSocket(fd);
    throw error;
  }
  socket.on('error', handlers.failed);
  const plain = new PlainSocket(socket, fd, handlers);
  socket.on('message', (bytes, peer) => plain.received(bytes, parseIpv4(peer.address) ?? 0, peer.port));
  return plain;
}

class PlainSocket implements DatagramSocket {
  readonly port: number;
  readonly fd: number;
  readonly #socket: dgram.Socket;
  readonly #handlers: UdpHandlers;
  #arena: Buffer | undefined;
  #used = 0;
  #waiting: Waiting[] = [];
  #batch: Datagram[] = [];
  #open = true;

  constructor(socket: dgram.Socket, fd: number, handlers: UdpHandlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    this.fd = fd;
    this.port = socket.address().port;
  }

  get arena(): Buffer {
    this.#arena ??= Buffer.allocUnsafeSlow(ARENA);
    return this.#arena;
  }

  received(bytes: Uint8Array, address: Ipv4, port: number): void {
    if (this.#batch.length === 0) setImmediate(() => this.#deliver());
    this.#batch.push({ bytes, address, port });
  }

  #deliver(): void {
    const full = this.#batch;
    this.#batch = [];
    this.#handlers.batch(full);
    this.flush();
  }

  reserve(address: Ipv4, port: number, length: number, segment = length): number {
    if (Math.min(length, segment) > LARGEST_DATAGRAM || length > ARENA) {
      this.#handlers.sendFailed(
        { bytes: new Uint8Array(0), address, port },
        sendFailure('EMSGSIZE', address, port),
      );
      return -1;
    }
    if (this.#used + length > ARENA) this.flush();
    if (this.#waiting.length === 0) queueMicrotask(() => this.flush());
    const at = this.#used;
    this.#used += length;
    this.#waiting.push({ at, length, segment, address, port });
    return at;
  }

  send(bytes: Uint8Array, address: Ipv4, port: number): void {
    const at = this.reserve(address, port, bytes.length);
    if (at >= 0) this.arena.set(bytes, at);
  }

  flush(): void {
    const full = this.#waiting;
    if (full.length === 0) return;
    this.#waiting = [];
    this.#used = 0;
    if (!this.#open) return;
    for (const { at, length, segment, address, port } of full) {
      // dgram keeps what it cannot send at once, so it gets a copy of its own.
      const message = Buffer.from(this.arena.subarray(at, at + length));
      if (length <= segment) this.#sendOne(message, address, port);
      else
        for (let from = 0; from < length; from += segment)
          this.#sendOne(message.subarray(from, from + segment), address, port);
    }
  }

  #sendOne(bytes: Uint8Array, address: Ipv4, port: number): void {
    this.#socket.send(bytes, port, formatIpv4(address), (error) => {
      if (error) this.#handlers.sendFailed({ bytes, address, port }, error);
    });
  }

  close(): Promise<void> {
    if (!this.#open) return Promise.resolve();
    this.flush();
    this.#open = false;
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}

/** Peers are always literal addresses; dgram's own lookup would go through the resolver's queue. */
function literalLookup(
  hostname: string,
  _options: unknown,
  callback: (error: Error | null, address: string, family: number) => void,
): void {
  callback(null, hostname, 4);
}
