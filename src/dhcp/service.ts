import path from 'node:path';
import { LoaderPresence } from '../assets/loader-presence.ts';
import type { Profile } from '../config/profile.ts';
import type { Event, Sink } from '../journal/event.ts';
import { type Allowance, throttle } from '../journal/throttle.ts';
import type { LeaseStore } from '../leases/lease.ts';
import { SqliteLeaseStore } from '../leases/sqlite-store.ts';
import { isLocalAddress } from '../platform/adapters.ts';
import type { Clock } from '../platform/clock.ts';
import { isRouted, listRoutes } from '../platform/routes.ts';
import type { RunningService } from '../platform/running.ts';
import { type DatagramSocket, openUdp } from '../platform/udp.ts';
import { SERVER_PORT } from '../protocol/dhcp/codes.ts';
import { formatSubnet } from '../protocol/ipv4.ts';
import { ReceiveLoop } from './receive-loop.ts';
import { restoreLeases, type Scopes } from './scope.ts';
import { scopesOf } from './scopes.ts';

export interface DhcpOptions {
  readonly profile: Profile;
  readonly clock: Clock;
  readonly sink: Sink;
  /** The socket stopped working, as it does when its adapter goes away. */
  readonly failed: (error: Error) => void;
}

export const LEASE_FILE = 'leases.sqlite';
/** A rack's worth of DISCOVERs that arrive while the event loop is busy. */
const RECEIVE_BUFFER = 4 << 20;
/** A storm is told once, not once a packet. */
const TOLD_AGAIN: Partial<Record<Event['kind'], Allowance>> = {
  'dhcp.pool-used-up': { events: 1, period: 30_000 },
  'dhcp.store-failed': { events: 1, period: 10_000 },
  'dhcp.unknown-relay': { events: 1, period: 60_000 },
  'dhcp.malformed': { events: 10, period: 10_000 },
  'dhcp.ignored': { events: 50, period: 1000 },
  'dhcp.no-unicast': { events: 1, period: 60_000 },
  'dhcp.send-failed': { events: 10, period: 10_000 },
};

/**
 * Serves DHCP on the profile's adapter until stopped. Resolves once the port is open and the leases are loaded.
 * @throws SystemCallError where the port or the adapter is not to be had; Error where the leases cannot be read.
 */
export async function startDhcp({
  profile,
  clock,
  sink: events,
  failed,
}: DhcpOptions): Promise<RunningService> {
  const sink = throttle(events, () => clock.monotonic(), TOLD_AGAIN);
  const file = path.join(profile.paths.state, LEASE_FILE);
  const store: LeaseStore = new SqliteLeaseStore(file, (aside) =>
    sink({ kind: 'dhcp.leases-set-aside', file: aside }),
  );
  const presence = new LoaderPresence(profile.loaders, profile.paths);
  // Another host that serves loaders has its own.
  const elsewhere = !isLocalAddress(profile.addresses.tftp);
  let socket: DatagramSocket | undefined;
  try {
    await presence.start();
    const scopes = scopesOf(profile, (architecture) => elsewhere || presence.has(architecture));
    await loadLeases(scopes, store, file, sink);
    const loop = new ReceiveLoop({
      scopes,
      adapter: profile.adapter.name,
      file,
      store,
      clock,
      sink,
    });
    socket = await openUdp(
      { port: SERVER_PORT, adapter: profile.adapter.name, receiveBuffer: RECEIVE_BUFFER },
      {
        batch: (datagrams) => loop.receive(datagrams),
        sendFailed: ({ address }, error) =>
          sink({ kind: 'dhcp.send-failed', address, reason: error.message }),
        failed,
      },
    );
    loop.socket = socket;
    tellMissingRoutes(profile, sink);
    const open = socket;
    return {
      problems: () => loop.problems(),
      async stop() {
        // No new requests, but what was promised to disk is written and its ACKs leave.
        presence.stop();
        await loop.settled();
        await open.close();
        await store.close();
      },
    };
  } catch (error) {
    presence.stop();
    await socket?.close();
    await store.close().catch(() => undefined);
    throw error;
  }
}

/** The socket is bound to the adapter, so that a default route over another one leads nowhere. */
function tellMissingRoutes({ adapter, subnets }: Profile, sink: Sink): void {
  const routes = listRoutes();
  for (const { subnet } of subnets) {
    if (!isRouted(subnet, adapter.name, routes))
      sink({ kind: 'dhcp.no-route', subnet: formatSubnet(subnet), adapter: adapter.name });
  }
}

async function loadLeases(scopes: Scopes, store: LeaseStore, file: string, sink: Sink): Promise<void> {
  const leases = await store.load();
  const dropped = restoreLeases(scopes, leases);
  if (dropped.length > 0) {
    await store.save(dropped);
    sink({ kind: 'dhcp.leases-dropped', count: dropped.length });
  }
  sink({ kind: 'dhcp.leases-loaded', count: leases.length - dropped.length, file });
}
