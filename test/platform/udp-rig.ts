import { type TestContext, type TestOptions, test } from 'node:test';
import {
  type Datagram,
  type DatagramSocket,
  openUdp,
  type UdpOptions,
  useDatagrams,
} from '../../src/platform/udp.ts';
import type { DatagramWay } from '../../src/platform/udp-way.ts';
import { type Ipv4, parseIpv4 } from '../../src/protocol/ipv4.ts';

export const LOOPBACK = parseIpv4('127.0.0.1')!;

type Run = (way: DatagramWay, context: TestContext) => Promise<void>;

/** A test that both ways of working a socket have to pass. */
export function eachWay(name: string, run: Run, options: TestOptions = {}): void {
  for (const way of ['batch', 'plain'] as const) {
    test(`${name} (${way})`, options, async (context) => {
      useDatagrams(way);
      await run(way, context);
    });
  }
}

/** What a socket told, copied. */
export class Ear {
  readonly heard: Datagram[] = [];
  readonly batches: number[] = [];
  readonly unsent: { readonly datagram: Datagram; readonly error: NodeJS.ErrnoException }[] = [];
  readonly failures: Error[] = [];
  socket!: DatagramSocket;
  #waiting: { readonly count: number; readonly resolve: () => void } | undefined;

  /** Resolves once so many datagrams have come, or are known not to have left. */
  until(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = { count, resolve };
      this.#check();
    });
  }

  batch(datagrams: readonly Datagram[]): void {
    this.batches.push(datagrams.length);
    for (const { bytes, address, port } of datagrams)
      this.heard.push({ bytes: new Uint8Array(bytes), address, port });
    this.#check();
  }

  sendFailed(datagram: Datagram, error: Error): void {
    this.unsent.push({ datagram, error });
    this.#check();
  }

  #check(): void {
    if (this.#waiting && this.heard.length + this.unsent.length >= this.#waiting.count)
      this.#waiting.resolve();
  }
}

/** Opens a socket that notes what it is told, closed when the test ends. */
export async function listen(context: TestContext, options: Partial<UdpOptions> = {}): Promise<Ear> {
  const ear = new Ear();
  ear.socket = await openUdp(
    { port: 0, address: LOOPBACK, ...options },
    {
      batch: (datagrams) => ear.batch(datagrams),
      sendFailed: (datagram, error) => ear.sendFailed(datagram, error),
      failed: (error) => ear.failures.push(error),
    },
  );
  context.after(() => ear.socket.close());
  return ear;
}

/** Writes one message whose datagrams have so many bytes each. */
export function sendSegmented(
  socket: DatagramSocket,
  bytes: Uint8Array,
  segment: number,
  address: Ipv4,
  port: number,
): void {
  const at = socket.reserve(address, port, bytes.length, segment);
  if (at >= 0) socket.arena.set(bytes, at);
}

/** What is to arrive of such a message. */
export function cut(bytes: Uint8Array, segment: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += segment) pieces.push(bytes.subarray(from, from + segment));
  return pieces.length > 0 ? pieces : [bytes];
}

/** Bytes of which no stretch is like another. */
export function pattern(length: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 16;
  });
}
