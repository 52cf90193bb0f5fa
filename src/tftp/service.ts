import type { AssetSource } from '../assets/asset.ts';
import type { Profile } from '../config/profile.ts';
import type { Event, Sink } from '../journal/event.ts';
import { type Allowance, throttle } from '../journal/throttle.ts';
import { isLocalAddress } from '../platform/adapters.ts';
import type { Clock } from '../platform/clock.ts';
import { formatIpv4, type Ipv4 } from '../protocol/ipv4.ts';
import { largestBlock } from '../protocol/tftp/negotiate.ts';
import { Alarm } from './alarm.ts';
import { type Health, loaderReadsBack } from './health.ts';
import { Listener } from './listener.ts';
import { Server } from './server.ts';
import type { Capacity } from './sessions.ts';
import { Outbox } from './wire.ts';

export interface TftpOptions {
  readonly profile: Profile;
  readonly assets: AssetSource;
  readonly clock: Clock;
  readonly sink: Sink;
  /** 69, unless a test needs another; 0 lets the kernel choose. */
  readonly port?: number;
  readonly capacity?: Capacity;
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
const CAPACITY: Capacity = { all: 4096, perAddress: 64 };
const LARGEST_WINDOW = 64;
/** Less than what Linux grants a socket that asks for nothing, overhead of small packets included. */
const WINDOW_BYTES = 128 * 1024;
/** Events that anyone can cause at will with packets of their own making. */
const A_FEW: Allowance = { events: 50, period: 1000 };
const CAUSED_BY_ANYONE: Partial<Record<Event['kind'], Allowance>> = {
  'tftp.malformed': A_FEW,
  'tftp.stranger': A_FEW,
  'tftp.refused': A_FEW,
  'tftp.not-found': A_FEW,
  'tftp.send-failed': A_FEW,
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
  const alarm = new Alarm(clock, () => server.wake());
  const server = new Server({
    assets,
    clock,
    sink,
    outbox,
    address,
    images: profile.paths.images,
    ports: profile.tftpPorts,
    capacity: options.capacity ?? CAPACITY,
    wakeBy: (at) => alarm.atLatest(at),
    limits: {
      blockSize: largestBlock(profile.adapter.mtu),
      windowSize: LARGEST_WINDOW,
      windowBytes: WINDOW_BYTES,
    },
  });
  const listener = new Listener({ address, port: options.port ?? TFTP_PORT, outbox, sink }, (batch) =>
    server.batch(batch),
  );
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
