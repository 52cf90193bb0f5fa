import { type Datagram, type DatagramSocket, openUdp } from '../platform/udp.ts';
import type { Ipv4 } from '../protocol/ipv4.ts';
import { DATA_HEADER, writeDataHeader } from '../protocol/tftp/codec.ts';
import type { FileBlocks } from './file-blocks.ts';

/** One address and port: what RFC 1350 calls a transfer identifier. */
export interface Peer {
  readonly address: Ipv4;
  readonly port: number;
}

/** Address and port in one number. */
export function peerKey({ address, port }: Peer): number {
  return address * 65536 + port;
}

/** The way to one peer. */
export interface Wire {
  send(datagram: Uint8Array): void;
  /** DATA with these blocks, which have been fetched. */
  sendBlocks(file: FileBlocks, first: number, last: number): void;
  /** Gives up what belongs to this peer alone. */
  close(): void;
}

/** What a wire of its own reports. */
export interface WireHandlers {
  received(bytes: Uint8Array): void;
  /** A packet of another than the peer. @returns what it is answered, if anything. */
  stranger(datagram: Datagram): Uint8Array | undefined;
  sendFailed(datagram: Datagram, error: Error): void;
  /** The socket will not work again. */
  failed(error: Error): void;
}

/** The way out, whichever socket it is at the moment. */
export class Outbox {
  #socket: DatagramSocket | undefined;

  /** Sends through another socket from now on, or, with none, drops what is sent. */
  use(socket: DatagramSocket | undefined): void {
    this.#socket = socket;
  }

  push(peer: Peer, datagram: Uint8Array): void {
    this.#socket?.send(datagram, peer.address, peer.port);
  }

  /**
   * DATA with these blocks: one message, that the kernel can cut, as all blocks are of one length but the file's last. They are copied to
   * where the socket sends from, and nowhere else.
   */
  pushBlocks({ address, port }: Peer, file: FileBlocks, first: number, last: number): void {
    const socket = this.#socket;
    if (!socket) return;
    const segment = DATA_HEADER + file.blockSize;
    const length = (last - first) * segment + DATA_HEADER + file.length(last);
    let at = socket.reserve(address, port, length, segment);
    if (at < 0) return;
    const { arena } = socket;
    for (let block = first; block <= last; block++, at += segment) {
      writeDataHeader(arena, at, block);
      file.copy(block, arena, at + DATA_HEADER);
    }
  }

  flush(): void {
    this.#socket?.flush();
  }
}

/** A wire through the socket that all transfers share. */
export function sharedWire(outbox: Outbox, peer: Peer): Wire {
  return {
    send: (datagram) => outbox.push(peer, datagram),
    sendBlocks: (file, first, last) => outbox.pushBlocks(peer, file, first, last),
    close: () => {},
  };
}

/** A socket's own address, and by which adapter it sends, as for openUdp. */
export interface Place {
  readonly address: Ipv4;
  readonly leaveBy?: number | undefined;
}

/** A wire through a socket of its own on the same local address; a stranger on it is told so (RFC 1350, 4). */
export async function ownWire(place: Place, peer: Peer, handlers: WireHandlers): Promise<Wire> {
  const outbox = new Outbox();
  const key = peerKey(peer);
  const socket = await openUdp(
    { ...place, port: 0 },
    {
      batch(datagrams) {
        for (const datagram of datagrams) {
          if (peerKey(datagram) === key) {
            handlers.received(datagram.bytes);
            continue;
          }
          const answer = handlers.stranger(datagram);
          if (answer) outbox.push(datagram, answer);
        }
      },
      sendFailed: handlers.sendFailed,
      failed: handlers.failed,
    },
  );
  outbox.use(socket);
  return {
    send: (datagram) => outbox.push(peer, datagram),
    sendBlocks: (file, first, last) => outbox.pushBlocks(peer, file, first, last),
    close() {
      outbox.flush();
      outbox.use(undefined);
      void socket.close();
    },
  };
}
