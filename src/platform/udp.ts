import dgram from 'node:dgram';
import { type Ipv4, parseIpv4, UNSPECIFIED } from '../protocol/ipv4.ts';
import { bindSocket, closeSocket, openDatagramSocket, SystemCallError, setSocketOption } from './libc.ts';

/** One datagram, received or to be sent; `address` is the peer's, dotted. */
export interface Datagram {
  readonly bytes: Uint8Array;
  readonly address: string;
  readonly port: number;
}

/** Batch-shaped on both sides, so that recvmmsg and sendmmsg can take dgram's place behind it. */
export interface DatagramSocket {
  readonly port: number;
  /** For ioctls on the same adapter, such as SIOCSARP. */
  readonly fd: number;
  /** Never throws; a datagram that cannot be sent goes to `sendFailed`. */
  send(batch: readonly Datagram[]): void;
  close(): Promise<void>;
}

export interface UdpHandlers {
  /** All that one turn of the event loop has received, in order of arrival. */
  batch(datagrams: readonly Datagram[]): void;
  sendFailed(datagram: Datagram, error: Error): void;
  /** The socket itself failed (adapter gone, for one) and will not work again. */
  failed(error: Error): void;
}

export interface UdpOptions {
  /** 0 lets the kernel choose. */
  readonly port: number;
  readonly address?: Ipv4;
  /** SO_BINDTODEVICE: hears and sends on this adapter alone, broadcasts included. */
  readonly adapter?: string;
  /** Wanted kernel receive buffer in bytes; a storm of DISCOVERs overruns the default. */
  readonly receiveBuffer?: number;
}

/**
 * Opens a UDP socket. The port is taken exclusively (no SO_REUSEADDR): a second server on the same
 * adapter is an error to be told, not a share of the packets.
 *
 * @throws SystemCallError EADDRINUSE, EADDRNOTAVAIL (no such local address), ENODEV (no such adapter), EACCES.
 */
export async function openUdp(options: UdpOptions, handlers: UdpHandlers): Promise<DatagramSocket> {
  const fd = boundDescriptor(options);
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
  let batch: Datagram[] = [];
  socket.on('message', (bytes, peer) => {
    if (batch.length === 0) setImmediate(flush);
    batch.push({ bytes, address: peer.address, port: peer.port });
  });
  const flush = () => {
    const full = batch;
    batch = [];
    handlers.batch(full);
  };
  socket.on('error', handlers.failed);
  let open = true;
  return {
    port: socket.address().port,
    fd,
    send(datagrams) {
      if (!open) return;
      for (const datagram of datagrams) {
        socket.send(datagram.bytes, datagram.port, datagram.address, (error) => {
          if (error) handlers.sendFailed(datagram, error);
        });
      }
    },
    close() {
      if (!open) return Promise.resolve();
      open = false;
      return new Promise((resolve) => socket.close(() => resolve()));
    },
  };
}

function boundDescriptor(options: UdpOptions): number {
  const fd = openDatagramSocket();
  try {
    setSocketOption(fd, 'broadcast', 1);
    if (options.adapter) setSocketOption(fd, 'bindToDevice', options.adapter);
    if (options.receiveBuffer) growReceiveBuffer(fd, options.receiveBuffer);
    bindSocket(fd, options.address ?? UNSPECIFIED, options.port);
    return fd;
  } catch (error) {
    closeSocket(fd);
    throw error;
  }
}

function growReceiveBuffer(fd: number, bytes: number): void {
  try {
    setSocketOption(fd, 'receiveBufferForce', bytes);
  } catch (error) {
    if (!(error instanceof SystemCallError) || error.code !== 'EPERM') throw error;
    setSocketOption(fd, 'receiveBuffer', bytes);
  }
}

/** Peers are always literal addresses; dgram's own lookup would go through the resolver's queue. */
function literalLookup(
  hostname: string,
  _options: unknown,
  callback: (error: Error | null, address: string, family: number) => void,
): void {
  const valid = parseIpv4(hostname) !== undefined;
  callback(valid ? null : new Error(`not an IPv4 address: ${hostname}`), hostname, 4);
}
