import { REHEARSAL } from '../boot/rehearsal.ts';
import type { Sink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import { SystemCallError } from '../platform/libc.ts';
import { type Datagram, type DatagramSocket, openUdp } from '../platform/udp.ts';
import { BOOT_SERVER_PORT, SERVER_PORT } from '../protocol/dhcp/codes.ts';
import { formatIpv4 } from '../protocol/ipv4.ts';
import { handle } from './engine.ts';
import type { Answering } from './explain.ts';
import { handleAsBootServer, handleAsProxy, type ProxySettings } from './proxy.ts';
import type { Outcome } from './question.ts';
import { type Decide, type LeaseDesk, ReceiveLoop } from './receive-loop.ts';
import type { Scopes } from './scope.ts';

/** What the host itself sends never reaches a socket that is bound to its adapter; it reaches one that is bound to this. */
const LOOPBACK = 'lo';
/** Seconds: a rehearsal that was killed leaves an address behind for no longer. */
const LEASE_TIME = 60;
/** Any program of the host may send here. A rehearsal of everything takes some thirty packets; machines come first. */
const PACKETS_A_SECOND = 100;

export interface LoopbackOptions {
  readonly answering: Answering;
  /** What is answered on port 4011. */
  readonly bootServer: ProxySettings;
  /** Undefined where none are given. */
  readonly leases?: LeaseDesk;
  readonly clock: Clock;
  readonly sink: Sink;
}

/**
 * Answers what this host itself asks on ports 67 and 4011, by the same way as machines on the wire. Best effort: where another program holds a
 * port on loopback, that is told, and machines are served all the same.
 */
export async function answerHost(options: LoopbackOptions): Promise<AsyncDisposable> {
  const { bootServer } = options;
  const loops = await Promise.all([
    listen(SERVER_PORT, decideFor(options.answering), options),
    listen(
      BOOT_SERVER_PORT,
      (datagram) => handleAsBootServer(datagram.bytes, datagram, bootServer, REHEARSAL),
      options,
    ),
  ]);
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(loops.map((loop) => loop.settled()));
      await Promise.all(loops.map((loop) => loop.socket?.close()));
    },
  };
}

/** As the one client that the host is, with one address at a time and none that it could put out of use. */
function decideFor(answering: Answering): Decide {
  if (answering.mode === 'proxy') {
    const { settings } = answering;
    return ({ bytes, address }) => handleAsProxy(bytes, address, settings, REHEARSAL);
  }
  const { local, relayed } = answering.scopes;
  const scopes: Scopes = {
    local: local.forGuest(LEASE_TIME),
    relayed: relayed.map((scope) => scope.forGuest(LEASE_TIME)),
  };
  return ({ bytes, address }, now) => handle(bytes, address, scopes, now, REHEARSAL);
}

async function listen(port: number, decide: Decide, options: LoopbackOptions): Promise<ReceiveLoop> {
  const { clock, sink, leases } = options;
  const loop = new ReceiveLoop({
    decide: (datagram, now) => toSender(decide(datagram, now), datagram),
    adapter: LOOPBACK,
    clock,
    sink,
    ...(leases && { leases }),
  });
  const allow = allowance(() => clock.monotonic());
  try {
    loop.socket = await open(
      port,
      (datagrams) => loop.receive(datagrams.filter(isFromHost).filter(allow)),
      sink,
    );
  } catch (error) {
    sink({ kind: 'dhcp.no-loopback', port, reason: inWords(error as Error, port) });
  }
  return loop;
}

function open(
  port: number,
  batch: (datagrams: readonly Datagram[]) => void,
  sink: Sink,
): Promise<DatagramSocket> {
  return openUdp(
    { port, adapter: LOOPBACK },
    {
      batch,
      sendFailed: ({ address }, { message }) =>
        sink({ kind: 'dhcp.send-failed', address: formatIpv4(address), reason: message }),
      failed: ({ message }) => sink({ kind: 'dhcp.no-loopback', port, reason: message }),
    },
  );
}

/**
 * Whatever RFC 2131 §4.1 says of broadcasts, relays and addresses that are only just given: on loopback none of these leads to the one who asks,
 * who has an address and a port to be answered at.
 */
function toSender(outcome: Outcome, { address, port }: Datagram): Outcome {
  const { answer } = outcome;
  if (!answer) return outcome;
  return { ...outcome, answer: { ...answer, destination: { address, port } } };
}

/** 127.0.0.0/8: what the host sends to its other addresses comes this way too, and is not meant for this. */
function isFromHost({ address }: Datagram): boolean {
  return address >>> 24 === 127;
}

function allowance(monotonic: () => number): () => boolean {
  let since = Number.NEGATIVE_INFINITY;
  let taken = 0;
  return () => {
    const now = monotonic();
    if (now - since >= 1000) {
      since = now;
      taken = 0;
    }
    taken += 1;
    return taken <= PACKETS_A_SECOND;
  };
}

function inWords(error: Error, port: number): string {
  const isTaken = error instanceof SystemCallError && error.code === 'EADDRINUSE';
  return isTaken
    ? `another program of this host holds that port on loopback (its name: sudo ss -lunp 'sport = :${port}')`
    : error.message;
}
