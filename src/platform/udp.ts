import type { Ipv4 } from '../protocol/ipv4.ts';
import { UNSPECIFIED } from '../protocol/ipv4.ts';
import {
  bindSocket,
  closeSocket,
  openDatagramSocket,
  SystemCallError,
  setRawOption,
  setSocketOption,
} from './libc.ts';
import { openBatch } from './udp-batch.ts';
import { openPlain } from './udp-plain.ts';
import { type ChosenWay, chooseWay, type DatagramWay } from './udp-way.ts';

/** One datagram as it came. It and its bytes are the socket's own again as soon as the handler returns. */
export interface Datagram {
  readonly bytes: Uint8Array;
  readonly address: Ipv4;
  readonly port: number;
}

/** Batch-shaped on both sides: what one turn of the event loop receives comes together, what it sends leaves together. */
export interface DatagramSocket {
  readonly port: number;
  /** For ioctls on the same adapter, such as SIOCSARP. */
  readonly fd: number;
  /** Where messages are written that `reserve` has made room for. */
  readonly arena: Buffer;
  /**
   * Makes room for one message, which leaves with the next flush. It has to be written, whole, before anything else is asked of this
   * socket.
   * @param length bytes: 65,507 at most in one datagram, as many as `arena` has in segments.
   * @param segment less than `length`: the message is cut into datagrams of so many bytes, the last one shorter (UDP_SEGMENT).
   * @returns its offset in `arena`; -1 where it cannot be sent, which `sendFailed` has been told.
   */
  reserve(address: Ipv4, port: number, length: number, segment?: number): number;
  /** One datagram, copied; it leaves with the next flush. Never throws. */
  send(bytes: Uint8Array, address: Ipv4, port: number): void;
  /** Sends what waits now; otherwise that happens when the handler of a batch returns, or at the end of this turn. */
  flush(): void;
  /** What waits is sent first, as far as the kernel takes it at once. */
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
  /** Index of the adapter that all it sends leaves by, wherever it hears (IP_UNICAST_IF); as routes have it where it is left out. */
  readonly leaveBy?: number | undefined;
  /** Wanted kernel receive buffer in bytes; a storm of DISCOVERs overruns the default. */
  readonly receiveBuffer?: number;
  /** How long to look for the next datagram before sleeping, once the last ones were answered, in microseconds; batch only. */
  readonly spin?: number;
}

/** A burst of many windows; still fewer packets than an adapter's queue holds (1,000), so that it waits here and is not dropped there. */
const SEND_BUFFER = 1 << 20;

const SOL_IP = 0;
const IP_UNICAST_IF = 50;

let chosen: ChosenWay | undefined;

/** Says how all sockets that this process opens from now on are worked; without it, in batches where that is possible. */
export function useDatagrams(wanted: 'auto' | DatagramWay): ChosenWay {
  chosen = chooseWay(wanted);
  return chosen;
}

/**
 * Opens a UDP socket. The port is taken exclusively (no SO_REUSEADDR): a second server on the same
 * adapter is an error to be told, not a share of the packets.
 *
 * @throws SystemCallError EADDRINUSE, EADDRNOTAVAIL (no such local address), ENODEV (no such adapter), EACCES.
 */
export async function openUdp(options: UdpOptions, handlers: UdpHandlers): Promise<DatagramSocket> {
  const fd = boundDescriptor(options);
  chosen ??= chooseWay('auto');
  return chosen.way === 'batch' ? openBatch(fd, handlers, options.spin ?? 0) : openPlain(fd, handlers);
}

function boundDescriptor(options: UdpOptions): number {
  const fd = openDatagramSocket();
  try {
    setSocketOption(fd, 'broadcast', 1);
    if (options.adapter) setSocketOption(fd, 'bindToDevice', options.adapter);
    if (options.leaveBy !== undefined)
      setRawOption(fd, SOL_IP, IP_UNICAST_IF, inNetworkOrder(options.leaveBy), 'IP_UNICAST_IF');
    growBuffer(fd, 'sendBuffer', SEND_BUFFER);
    if (options.receiveBuffer) growBuffer(fd, 'receiveBuffer', options.receiveBuffer);
    bindSocket(fd, options.address ?? UNSPECIFIED, options.port);
    return fd;
  } catch (error) {
    closeSocket(fd);
    throw error;
  }
}

function inNetworkOrder(index: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(index);
  return bytes;
}

/** @param which by its plain name; the forced one passes the host's limit, and takes NET_ADMIN. */
function growBuffer(fd: number, which: 'receiveBuffer' | 'sendBuffer', bytes: number): void {
  try {
    setSocketOption(fd, `${which}Force`, bytes);
  } catch (error) {
    if (!(error instanceof SystemCallError) || error.code !== 'EPERM') throw error;
    setSocketOption(fd, which, bytes);
  }
}
