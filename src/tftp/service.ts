import type { AssetSource } from '../assets/asset.ts';
import type { Profile } from '../config/profile.ts';
import type { Event, Sink } from '../journal/event.ts';
import { type Allowance, throttle } from '../journal/throttle.ts';
import { isLocalAddress, listAdapters } from '../platform/adapters.ts';
import type { Clock } from '../platform/clock.ts';
import { formatIpv4, type Ipv4, type Subnet, subnetOf } from '../protocol/ipv4.ts';
import { largestBlock } from '../protocol/tftp/negotiate.ts';
import { Alarm } from './alarm.ts';
import { type Health, loaderReadsBack } from './health.ts';
import { Listener } from './listener.ts';
import { Server } from './server.ts';
import { sourceRule } from './sources.ts';
import { Outbox } from './wire.ts';

export interface TftpOptions {
  readonly profile: Profile;
  readonly assets: AssetSource;
  readonly clock: Clock;
  readonly sink: Sink;
  /** 69, unless a test needs another; 0 lets the kernel choose. */
  readonly port?: number;
}

export interface TftpService {
  readonly address: Ipv4;
  readonly port: number;
  /**
   * Begins no transfer from now on, waits for those that are under way until `end`, ends the others with an ERROR to their peers, so that
   * those fail at once, and closes the port. Without `end` nothing is waited for.
   */
  stop(end?: AbortSignal): Promise<void>;
  /** Reads the loader back from the service itself. */
  health(): Promise<Health>;
}

const TFTP_PORT = 69;
const LARGEST_WINDOW = 64;
/** Less than what Linux grants a socket that asks for nothing, overhead of small packets included. */
const WINDOW_BYTES = 128 * 1024;
/** Events that anyone can cause at will with packets of their own making. */
const A_FEW: Allowance = { events: 50, period: 1000 };
/** Those are lines of the log. */
const SPARINGLY: Allowance = { events: 100, period: 10_000 };
const CAUSED_BY_ANYONE: Partial<Record<Event['kind'], Allowance>> = {
  'tftp.malformed': A_FEW,
  'tftp.stranger': A_FEW,
  'tftp.unanswered': A_FEW,
  'tftp.refused': SPARINGLY,
  'tftp.not-found': SPARINGLY,
  'tftp.send-failed': SPARINGLY,
  // A thousand machines that power up in one second.
  'tftp.start': { events: 2000, period: 1000 },
};

const LAST_ACK_MS = 500;
const OF_A_LOAD: readonly string[] = ['tftp.start', 'tftp.progress', 'tftp.done'] satisfies Event['kind'][];

/**
 * Starts the TFTP service on the advertised address, or on the adapter's where that is another host's.
 *
 * @throws SystemCallError EADDRINUSE (another TFTP server), EACCES (a low port without the capability).
 */
export async function startTftp(options: TftpOptions): Promise<TftpService> {
  const { profile, assets, clock } = options;
  const throttled = throttle(options.sink, () => clock.monotonic(), CAUSED_BY_ANYONE);
  const address = servedAddress(profile, throttled);
  let probes = 0;
  // What the health probe loads is no machine's boot.
  const sink: Sink = (event) => {
    if (
      probes > 0 &&
      OF_A_LOAD.includes(event.kind) &&
      'address' in event &&
      event.address === formatIpv4(address)
    )
      return;
    throttled(event);
  };
  const outbox = new Outbox();
  const leaveBy = wayOut(profile, address);
  const alarm = new Alarm(clock, () => server.wake());
  const server = new Server({
    assets,
    clock,
    sink,
    outbox,
    address,
    leaveBy,
    images: profile.paths.images,
    ports: profile.tftpPorts,
    capacity: profile.limits.tftp,
    standing: sourceRule({
      subnets: servedSubnets(profile, address),
      own: { address, port: options.port || TFTP_PORT },
      any: profile.tftpClients === 'any',
    }),
    wakeBy: (at) => alarm.atLatest(at),
    limits: {
      blockSize: largestBlock(profile.adapter.mtu),
      windowSize: LARGEST_WINDOW,
      windowBytes: WINDOW_BYTES,
    },
  });
  const place = { address, leaveBy, port: options.port ?? TFTP_PORT };
  const listener = new Listener({ ...place, outbox, sink }, (batch) => server.batch(batch));
  const port = await listener.open();
  sink({ kind: 'tftp.listening', on: formatIpv4(address), port, ports: profile.tftpPorts });
  return {
    address,
    port,
    async stop(end) {
      const { running } = server;
      if (end && running > 0) {
        sink({ kind: 'tftp.stopping', transfers: running });
        await server.finish(end);
      }
      alarm.stop();
      const ended = await server.stop();
      await listener.close();
      sink({ kind: 'tftp.stopped', finished: Math.max(0, running - ended), ended });
    },
    async health() {
      probes += 1;
      const health = await loaderReadsBack(address, port, profile.loaders.bios.name);
      // Its last ACK is still on its way.
      setTimeout(() => {
        probes -= 1;
      }, LAST_ACK_MS).unref();
      return health;
    },
  };
}

/**
 * Linux answers at an address through whatever adapter it is asked (the weak host model of RFC 1122, 3.3.4.2), and answers ARP for it on all
 * of them: so machines are heard wherever their packets come in, and answered by the served adapter alone. Another address that was named
 * may well be reached over another way, and so may machines that are nowhere in particular.
 */
function wayOut({ adapter, tftpClients, mode }: Profile, address: Ipv4): number | undefined {
  const isIts = adapter.addresses.some((own) => own.address === address);
  return isIts && !(tftpClients === 'any' && mode === 'server') ? adapter.index : undefined;
}

/** Where machines are that are sent here: on the adapter, behind relays, and on the adapter that has the address itself. */
function servedSubnets({ adapter, subnets }: Profile, address: Ipv4): Subnet[] {
  const its = listAdapters().filter(({ addresses }) => addresses.some((own) => own.address === address));
  const near = [adapter, ...its].flatMap(({ addresses }) => addresses);
  return [
    adapter.subnet,
    ...near.map((own) => subnetOf(own.address, own.prefix)),
    ...subnets.map(({ subnet }) => subnet),
  ];
}

/** Data has to leave from the address that machines were told, or they will not take it. */
function servedAddress({ addresses, adapter }: Profile, sink: Sink): Ipv4 {
  if (isLocalAddress(addresses.tftp)) return addresses.tftp;
  sink({
    kind: 'tftp.elsewhere',
    advertised: formatIpv4(addresses.tftp),
    on: formatIpv4(adapter.address),
  });
  return adapter.address;
}
