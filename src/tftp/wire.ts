import { type Datagram, type DatagramSocket, openUdp } from '../platform/udp.ts';
import type { Ipv4 } from '../protocol/ipv4.ts';
import { answerToStray } from './stray.ts';

/** One address and port: what RFC 1350 calls a transfer identifier. */
export interface Peer {
  readonly address: string;
  readonly port: number;
}

export function peerKey(peer: Peer): string {
  return `${peer.address}:${peer.port}`;
}

/** The way to one peer. */
export interface Wire {
  send(datagrams: readonly Uint8Array[]): void;
  /** Gives up what belongs to this peer alone. */
  close(): void;
}

/** What a wire of its own reports. */
export interface WireHandlers {
  received(bytes: Uint8Array): void;
  stranger(peer: Peer): void;
  sendFailed(datagram: Datagram, error: Error): void;
  /** The socket will not work again. */
  failed(error: Error): void;
}

/** Gathers all that one turn of the event loop wants to send into one batch. */
export class Outbox {
  #socket: DatagramSocket | undefined;
  #batch: Datagram[] = [];

  /** Sends through another socket from now on, or, with none, drops what is sent. */
  use(socket: DatagramSocket | undefined): void {
    this.#socket = socket;
  }

  push(peer: Peer, datagrams: readonly Uint8Array[]): void {
    if (this.#batch.length === 0) queueMicrotask(() => this.flush());
    for (const bytes of datagrams) this.#batch.push({ bytes, address: peer.address, port: peer.port });
  }

  flush(): void {
    const full = this.#batch;
    this.#batch = [];
    if (full.length > 0) this.#socket?.send(full);
  }
}

/** A wire through the socket that all transfers share. */
export function sharedWire(outbox: Outbox, peer: Peer): Wire {
  return { send: (datagrams) => outbox.push(peer, datagrams), close: () => {} };
}

/** A wire through a socket of its own on the same local address; a stranger on it is told so (RFC 1350, 4). */
export async function ownWire(address: Ipv4, peer: Peer, handlers: WireHandlers): Promise<Wire> {
  const outbox = new Outbox();
  const key = peerKey(peer);
  const socket = await openUdp(
    { address, port: 0 },
    {
      batch(datagrams) {
        for (const datagram of datagrams) {
          if (peerKey(datagram) === key) {
            handlers.received(datagram.bytes);
            continue;
          }
          const answer = answerToStray(datagram.bytes);
          if (answer) outbox.push(datagram, [answer]);
          handlers.stranger(datagram);
        }
      },
      sendFailed: handlers.sendFailed,
      failed: handlers.failed,
    },
  );
  outbox.use(socket);
  return {
    send: (datagrams) => outbox.push(peer, datagrams),
    close() {
      outbox.flush();
      outbox.use(undefined);
      void socket.close();
    },
  };
}
