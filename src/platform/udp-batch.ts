import os from 'node:os';
import type { Ipv4 } from '../protocol/ipv4.ts';
import { closeSocket, localPort, SystemCallError } from './libc.ts';
import { knowsSegments, type Watch, watch } from './libc-datagrams.ts';
import type { DatagramSocket, UdpHandlers } from './udp.ts';
import { ARENA, LARGEST_DATAGRAM, sendFailure } from './udp-limits.ts';
import { Patience } from './udp-patience.ts';
import { isFull, Reception } from './udp-receive.ts';
import { SendQueue } from './udp-send.ts';

/** Nothing to read, short of memory, or what ICMP tells of some peer: the socket goes on. */
const PASSING = new Set(
  [
    'EAGAIN',
    'EINTR',
    'ENOBUFS',
    'ENOMEM',
    'ECONNREFUSED',
    'ECONNRESET',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'EHOSTDOWN',
    'EPROTO',
    'EMSGSIZE',
  ].map((name) => (os.constants.errno as Record<string, number>)[name]),
);

/** Batches in one turn of the event loop; others have to have theirs. */
const BATCHES = 4;

let reception: Reception | undefined;
/** What the kernel is given the addresses of lives here, whoever else forgets it. */
const openSockets = new Set<BatchSocket>();

/** A datagram socket that receives and sends by one system call each a turn. Takes over the bound descriptor. */
export function openBatch(fd: number, handlers: UdpHandlers, spin: number): DatagramSocket {
  const socket = new BatchSocket(fd, handlers, spin);
  openSockets.add(socket);
  return socket;
}

class BatchSocket implements DatagramSocket {
  readonly port: number;
  readonly fd: number;
  readonly #handlers: UdpHandlers;
  readonly #queue: SendQueue;
  readonly #patience: Patience;
  readonly #watch: Watch;
  readonly #reception: Reception;
  readonly #turn = () => this.#takeTurn();
  /** Due or under way: what is reserved leaves with it. */
  #turnDue = false;
  #answered = false;
  /** The kernel takes nothing more until it says that there is room. */
  #blocked = false;
  #open = true;
  #failed = false;

  constructor(fd: number, handlers: UdpHandlers, spin: number) {
    reception ??= new Reception();
    this.#reception = reception;
    this.fd = fd;
    this.port = localPort(fd);
    this.#handlers = handlers;
    this.#queue = new SendQueue(knowsSegments(fd));
    this.#patience = new Patience(spin / 1000);
    this.#watch = watch(fd, () => this.#ready());
  }

  get arena(): Buffer {
    return this.#queue.arena;
  }

  reserve(address: Ipv4, port: number, length: number, segment = length): number {
    const queue = this.#queue;
    if (Math.min(length, segment) > LARGEST_DATAGRAM || length > ARENA)
      return this.#cannot(address, port, 'EMSGSIZE');
    if (!queue.hasRoom(length, segment)) this.#makeRoom();
    if (!queue.hasRoom(length, segment)) return this.#cannot(address, port, 'ENOBUFS');
    this.#answered = true;
    this.#dueTurn();
    return queue.add(address, port, length, segment);
  }

  send(bytes: Uint8Array, address: Ipv4, port: number): void {
    const at = this.reserve(address, port, bytes.length);
    if (at >= 0) this.arena.set(bytes, at);
  }

  flush(): void {
    if (!this.#open) this.#queue.clear();
    if (this.#queue.empty || this.#blocked) return;
    this.#blocked = !this.#queue.flush(this.fd);
    this.#watch.alsoWritable(this.#blocked);
    if (this.#queue.unsent.length > 0) queueMicrotask(() => this.#tellUnsent());
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.flush();
    this.#open = false;
    this.#watch.close();
    closeSocket(this.fd);
    openSockets.delete(this);
  }

  /** Runs outside of any callback scope, see `watch`. */
  #ready(): void {
    this.#blocked = false;
    this.#dueTurn();
  }

  #dueTurn(): void {
    if (this.#turnDue || !this.#open) return;
    this.#turnDue = true;
    setImmediate(this.#turn);
  }

  #takeTurn(): void {
    let received = false;
    this.#answered = false;
    try {
      received = this.#receive();
    } finally {
      this.flush();
      this.#turnDue = false;
    }
    if (this.#patience.afterTurn(received, this.#answered, performance.now())) this.#dueTurn();
  }

  #receive(): boolean {
    for (let batches = 0; batches < BATCHES && this.#open && !this.#failed; batches++) {
      const batch = this.#reception.receive(this.fd);
      if (typeof batch === 'number') {
        if (!PASSING.has(-batch)) this.#fail(-batch);
        return batches > 0;
      }
      this.#handlers.batch(batch);
      this.flush();
      if (!isFull(batch)) return true;
    }
    return !this.#failed;
  }

  /** Makes room in the arena. */
  #makeRoom(): void {
    this.flush();
    this.#queue.compact();
  }

  #cannot(address: Ipv4, port: number, code: string): number {
    this.#handlers.sendFailed({ bytes: new Uint8Array(0), address, port }, sendFailure(code, address, port));
    return -1;
  }

  #tellUnsent(): void {
    const all = this.#queue.unsent;
    this.#queue.unsent = [];
    for (const { datagram, error } of all) this.#handlers.sendFailed(datagram, error);
  }

  #fail(errno: number): void {
    this.#failed = true;
    this.#watch.close();
    this.#handlers.failed(new SystemCallError('recvmmsg', errno));
  }
}
