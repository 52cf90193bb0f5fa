import type { Sink } from '../journal/event.ts';
import { type Datagram, type DatagramSocket, openUdp } from '../platform/udp.ts';
import { formatIpv4, type Ipv4 } from '../protocol/ipv4.ts';
import type { Outbox } from './wire.ts';

const REOPEN_MS = 1000;
/** Holds a rack of machines that all ask in the same instant. */
const RECEIVE_BUFFER = 4 * 1024 * 1024;
/** In microseconds: a machine that loads block by block answers sooner than this process would have gone to sleep and woken up. */
const SPIN = 50;

export interface ListenerOptions {
  readonly address: Ipv4;
  readonly port: number;
  /** As for openUdp. */
  readonly leaveBy: number | undefined;
  readonly outbox: Outbox;
  readonly sink: Sink;
}

/** The service's port, opened again when it fails. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #batch: (datagrams: readonly Datagram[]) => void;
  #port: number;
  #socket: DatagramSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ListenerOptions, batch: (datagrams: readonly Datagram[]) => void) {
    this.#options = options;
    this.#batch = batch;
    this.#port = options.port;
  }

  /** @returns the port. @throws SystemCallError as openUdp does. */
  async open(): Promise<number> {
    const { address, leaveBy, outbox, sink } = this.#options;
    const socket = await openUdp(
      {
        address,
        port: this.#port,
        leaveBy,
        receiveBuffer: RECEIVE_BUFFER,
        spin: SPIN,
      },
      {
        batch: this.#batch,
        sendFailed: (datagram, error) =>
          sink({ kind: 'tftp.send-failed', address: formatIpv4(datagram.address), problem: error.message }),
        failed: (error) => this.#failed(error),
      },
    );
    if (this.#closed) await socket.close();
    this.#socket = socket;
    this.#port = socket.port;
    outbox.use(socket);
    return socket.port;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#options.outbox.use(undefined);
    await this.#socket?.close();
  }

  #failed(error: Error): void {
    if (this.#closed || this.#timer) return;
    const { address, outbox, sink } = this.#options;
    sink({ kind: 'tftp.socket-failed', on: formatIpv4(address), problem: error.message });
    outbox.use(undefined);
    void this.#socket?.close();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.open().catch((again: Error) => this.#failed(again));
    }, REOPEN_MS);
  }
}
