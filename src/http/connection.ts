import type { Socket } from 'node:net';
import type { Answer, Asked, FilePart } from './answer.ts';
import type { Deliveries } from './delivery.ts';
import type { MachineFiles } from './machine-files.ts';
import { type RequestHead, readHead } from './request-head.ts';
import type { Activity } from './seats.ts';
import type { Transfers } from './transfer.ts';
import type { WireHeads } from './wire-head.ts';

export interface ConnectionParts {
  readonly files: Pick<MachineFiles, 'answer'>;
  readonly transfers: Pick<Transfers, 'send'>;
  readonly deliveries: Pick<Deliveries, 'heard' | 'has'>;
  readonly heads: Pick<WireHeads, 'bytes'>;
  /** True where a path may be for people: such requests are not answered here. */
  readonly isReserved: (path: string) => boolean;
  /** The complete http server: takes over a connection, paused, with all that was not read of it. */
  readonly handOver: (socket: Socket) => void;
  /** Milliseconds since an arbitrary start. */
  readonly monotonic: () => number;
  /** Told what has gone wrong inside this program, which costs the connection. */
  readonly fault: (error: unknown) => void;
}

/** new: nothing has come yet; waits: for the next request; closes: all is written. */
export type ConnectionState = 'new' | 'waits' | 'answers' | 'closes';

/**
 * One connection on the short path: plain requests for machines' files are answered in their order, without an http parser, a request or a
 * response object. Anything else goes to the complete http server, and the connection with it, for good.
 */
export class Connection implements Activity {
  readonly socket: Socket;
  state: ConnectionState = 'new';
  /** When something moved last. */
  since: number;
  readonly #parts: ConnectionParts;
  readonly #address: string;
  readonly #gone: () => void;
  /** The peer says no more, but may still listen. */
  #isLast = false;
  /** Read and not answered yet. */
  #unread: Buffer | undefined;

  constructor(socket: Socket, parts: ConnectionParts, gone: () => void) {
    this.socket = socket;
    this.since = parts.monotonic();
    this.#parts = parts;
    this.#address = socket.remoteAddress ?? 'unknown';
    this.#gone = gone;
    socket.on('data', this.#read);
    socket.on('end', this.#ended);
    socket.on('error', ignore);
    socket.on('close', gone);
  }

  get isBusy(): boolean {
    return this.state === 'answers' || this.#parts.deliveries.has(this.socket);
  }

  /** The connection is another's from now on. */
  leave(to: (socket: Socket) => void): void {
    this.socket.off('data', this.#read);
    this.socket.off('end', this.#ended);
    this.socket.off('error', ignore);
    this.socket.off('close', this.#gone);
    this.#gone();
    to(this.socket);
  }

  readonly #read = (bytes: Buffer) => {
    if (this.state === 'closes') return;
    this.since = this.#parts.monotonic();
    this.#parts.deliveries.heard(this.socket);
    this.#unread = this.#unread ? Buffer.concat([this.#unread, bytes]) : bytes;
    try {
      this.#next();
    } catch (error) {
      this.#fault(error);
    }
  };

  readonly #fault = (error: unknown) => {
    this.#parts.fault(error);
    this.socket.destroy();
  };

  /** Comes while an answer is under way, too. */
  readonly #ended = () => {
    this.#isLast = true;
    if (this.state === 'new' || this.state === 'waits') this.#close();
  };

  /** Answers what is there, one request after the other. */
  #next(): void {
    const bytes = this.#unread;
    if (!bytes) return;
    let at = 0;
    while (at < bytes.length) {
      const head = readHead(bytes, at);
      if (!head || this.#parts.isReserved(head.target)) {
        this.#handOver(bytes.subarray(at));
        return;
      }
      at = head.end;
      this.#unread = at < bytes.length ? bytes.subarray(at) : undefined;
      if (!this.#answer(head)) return;
    }
  }

  /** @returns true where the next request may follow at once. */
  #answer(head: RequestHead): boolean {
    const { method, target, conditions, keepAlive } = head;
    const asked: Asked = { method, target, address: this.#address, conditions };
    const answer = this.#parts.files.answer(asked, target);
    if (!(answer instanceof Promise) && answer.file === undefined) {
      this.state = 'waits';
      const flows = this.socket.write(this.#parts.heads.bytes(answer, keepAlive));
      if (!keepAlive) this.#close();
      else if (!flows) this.#pausedUntil(this.#drained());
      return keepAlive && flows;
    }
    this.#pausedUntil(this.#send(answer, keepAlive));
    return false;
  }

  /** Nothing more is read meanwhile: what a machine sends ahead stays with the kernel. */
  #pausedUntil(done: Promise<void>): void {
    this.state = 'answers';
    this.socket.pause();
    const goOn = () => {
      if (this.socket.destroyed) return;
      this.since = this.#parts.monotonic();
      this.socket.resume();
      if (this.state === 'closes') return;
      this.state = 'waits';
      this.#next();
      if (this.#isLast && this.state === 'waits') this.#close();
    };
    done.then(goOn).catch(this.#fault);
  }

  async #send(coming: Answer | Promise<Answer>, keepAlive: boolean): Promise<void> {
    const answer = await coming;
    const head = this.#parts.heads.bytes(answer, keepAlive);
    const { socket } = this;
    if (answer.file === undefined) {
      if (!socket.write(head)) await this.#drained();
    } else if (!(await this.#transfer(answer.file, head))) {
      socket.destroy();
      return;
    }
    if (!keepAlive) this.#close();
  }

  #transfer({ asset, part }: FilePart, head: Buffer): Promise<boolean> {
    const { socket } = this;
    const moved = () => {
      this.since = this.#parts.monotonic();
    };
    const address = this.#address;
    return this.#parts.transfers.send({ asset, part, address, socket, out: socket, head, moved });
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.socket.off('drain', done);
        this.socket.off('close', done);
        resolve();
      };
      this.socket.on('drain', done);
      this.socket.on('close', done);
      if (this.socket.destroyed) done();
    });
  }

  #close(): void {
    this.state = 'closes';
    this.socket.end();
  }

  #handOver(unread: Buffer): void {
    const { socket } = this;
    this.#unread = undefined;
    // Nobody could tell the other server that this was all.
    if (this.#isLast) {
      this.#close();
      return;
    }
    // Not flowing: nothing is lost between two owners.
    socket.pause();
    socket.unshift(unread);
    this.leave(this.#parts.handOver);
  }
}

/** What is wrong with a connection ends it: 'close' follows. */
function ignore(): void {}
