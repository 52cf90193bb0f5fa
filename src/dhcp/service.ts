import { randomBytes, randomInt } from 'node:crypto';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { LoaderPresence } from '../assets/loader-presence.ts';
import type { PlanSettings } from '../boot/plan.ts';
import type { Profile } from '../config/profile.ts';
import { Crowd } from '../journal/crowd.ts';
import type { Event, Sink } from '../journal/event.ts';
import { StarvationWatch } from '../journal/starvation.ts';
import { type Allowance, throttle } from '../journal/throttle.ts';
import { isLocalAddress } from '../platform/adapters.ts';
import type { Clock } from '../platform/clock.ts';
import { listRoutes } from '../platform/routes.ts';
import type { RunningService } from '../platform/running.ts';
import { SteadyClock } from '../platform/steady-clock.ts';
import { handle } from './engine.ts';
import type { Answering } from './explain.ts';
import { ForeignWatch } from './foreign-watch.ts';
import { Kinds } from './kinds.ts';
import { openLeases } from './lease-desk.ts';
import { answerHost } from './loopback.ts';
import { missingRoutes } from './missing-routes.ts';
import { chooseMode } from './mode.ts';
import { operatorRoutes } from './operator.ts';
import { openBootServerPort, openServerPort } from './ports.ts';
import { Probe } from './probe.ts';
import { throwAwayMac } from './probe-messages.ts';
import { handleAsBootServer, handleAsProxy } from './proxy.ts';
import { type Decide, type LeaseDesk, ReceiveLoop } from './receive-loop.ts';
import { localSettings, scopesOf } from './scopes.ts';

export interface DhcpOptions {
  readonly profile: Profile;
  readonly clock: Clock;
  readonly sink: Sink;
  /** The socket stopped working, as it does when its adapter goes away. */
  readonly failed: (error: Error) => void;
  /** Ends a start that is still looking for other servers. */
  readonly stop: AbortSignal;
}

/** A storm is told once, not once a packet. */
const TOLD_AGAIN: Partial<Record<Event['kind'], Allowance>> = {
  'dhcp.pool-used-up': { events: 1, period: 30_000 },
  'dhcp.store-failed': { events: 1, period: 60_000 },
  'dhcp.unknown-relay': { events: 1, period: 60_000 },
  'dhcp.malformed': { events: 10, period: 10_000 },
  'dhcp.ignored': { events: 50, period: 1000 },
  'dhcp.nak': { events: 100, period: 1000 },
  'dhcp.decline': { events: 100, period: 1000 },
  'dhcp.release': { events: 100, period: 1000 },
  'dhcp.inform': { events: 100, period: 1000 },
  'dhcp.other-server': { events: 100, period: 1000 },
  'dhcp.no-loader': { events: 100, period: 1000 },
  'dhcp.options-left-out': { events: 100, period: 1000 },
  // What a proxy's boots are made of: a rack's in one second.
  'dhcp.proxy-request': { events: 1000, period: 1000 },
  'dhcp.boot-answer': { events: 1000, period: 1000 },
  'dhcp.address-elsewhere': { events: 1000, period: 1000 },
  'dhcp.no-unicast': { events: 1, period: 60_000 },
  'dhcp.foreign-server': { events: 1, period: 60_000 },
  'dhcp.send-failed': { events: 10, period: 10_000 },
};

/**
 * Serves DHCP on the profile's adapter until stopped. Resolves once the ports are open and the leases are loaded; with MODE=auto after
 * the seconds that a look for other servers takes.
 * @throws SystemCallError where a port or the adapter is not to be had; Error where the leases cannot be read.
 */
export async function startDhcp(options: DhcpOptions): Promise<RunningService & { serving: Profile }> {
  const { profile, failed, stop } = options;
  const clock = new SteadyClock({ clock: options.clock, uptime: os.uptime });
  const adapter = profile.adapter.name;
  // Closed in reverse order; here, if the start fails.
  await using opened = new AsyncDisposableStack();
  const monotonic = () => clock.monotonic();
  const later = (wait: number, callback: () => void) => void setTimeout(callback, wait).unref();
  const crowd = new Crowd(options.sink, monotonic, later);
  opened.defer(() => crowd.sumUp());
  const starvation = new StarvationWatch(crowd.tell, adapter, monotonic, later);
  const sink = throttle(starvation.tell, monotonic, TOLD_AGAIN);
  const ports = { profile, sink, failed };
  const hasLoader = await watchLoaders(profile, opened);

  let loop: ReceiveLoop | undefined;
  let probe: Probe | undefined;
  const socket = await openServerPort(
    ports,
    (datagrams) => {
      const fromMachines = datagrams.filter((datagram) => !probe?.takes(datagram));
      loop?.receive(fromMachines);
    },
    (datagram, error) => probe?.refused(datagram, error) ?? false,
  );
  opened.defer(() => socket.close());
  const prober = { mac: throwAwayMac(randomBytes(6)), xid: randomInt(2 ** 32) };
  probe = new Probe({ profile, prober, clock, sink, server: socket });
  const { mode, known } = await chooseMode(profile, probe, sink, stop);

  const settings = localSettings(profile, hasLoader);
  const bootServer = new ReceiveLoop({
    decide: (datagram) => handleAsBootServer(datagram.bytes, datagram, settings),
    adapter,
    clock,
    sink,
  });
  bootServer.socket = await openBootServerPort(ports, mode, (datagrams) => bootServer.receive(datagrams));
  opened.defer(() => bootServer.socket?.close());

  const decide: Decide = ({ bytes, address }) => handleAsProxy(bytes, address, settings);
  const {
    loop: serving,
    problems = () => [],
    ...answers
  }: Serving = mode === 'proxy'
    ? {
        loop: new ReceiveLoop({ decide, adapter, clock, sink }),
        answering: { mode, settings },
      }
    : await leaseLoop(profile, hasLoader, clock, sink, opened);
  serving.socket = socket;
  loop = serving;
  opened.defer(() => {
    // No new requests, but what was promised to disk is written and its ACKs leave.
    loop = undefined;
    return serving.settled();
  });

  // What programs of the host cause is told apart from what machines cause, so that neither hides the other.
  const told = throttle(options.sink, () => clock.monotonic(), TOLD_AGAIN);
  opened.use(await answerHost({ ...answers, bootServer: settings, clock, sink: told }));

  const wait = (milliseconds: number, signal: AbortSignal) => sleep(milliseconds, undefined, { signal });
  const watch = new ForeignWatch({ mode, adapter, probe, sink, random: Math.random, wait });
  watch.start(known);
  opened.defer(() => watch.stop());
  const running = opened.move();
  return {
    serving: { ...profile, mode },
    problems,
    control: {
      ...operatorRoutes({ ...answers, ...answers.leases, sink, now: () => clock.now() }),
      'POST /servers': () => watch.look(),
    },
    stop: () => running.disposeAsync(),
  };
}

async function watchLoaders(
  profile: Profile,
  opened: AsyncDisposableStack,
): Promise<PlanSettings['hasLoader']> {
  const presence = new LoaderPresence(profile.loaders, profile.paths);
  opened.defer(() => presence.stop());
  await presence.start();
  // Another host that serves loaders has its own.
  const elsewhere = !isLocalAddress(profile.addresses.tftp);
  return (architecture) => elsewhere || presence.has(architecture);
}

interface Serving {
  readonly loop: ReceiveLoop;
  readonly answering: Answering;
  /** Where leases are kept; undefined where none are given. */
  readonly leases?: LeaseDesk;
  readonly problems?: () => readonly string[];
}

/** Gives addresses, and keeps them in the state folder. */
async function leaseLoop(
  profile: Profile,
  hasLoader: PlanSettings['hasLoader'],
  clock: SteadyClock,
  sink: Sink,
  opened: AsyncDisposableStack,
): Promise<Serving> {
  const scopes = scopesOf(profile, hasLoader, Math.random);
  const { leaseTime, paths } = profile;
  const { file, keeper } = await openLeases({ state: paths.state, scopes, leaseTime, clock, sink }, opened);
  const leases = { file, store: keeper };
  missingRoutes(profile, listRoutes()).forEach(sink);
  const kinds = new Kinds();
  const loop = new ReceiveLoop({
    decide: ({ bytes, address }, now) => handle(bytes, address, scopes, now, undefined, kinds),
    adapter: profile.adapter.name,
    leases,
    clock,
    sink: tellingForeignServers(sink),
  });
  return { loop, answering: { mode: 'server', scopes }, leases, problems: () => keeper.problems() };
}

/** A machine that chooses another server gives that server away. */
function tellingForeignServers(sink: Sink): Sink {
  return (event) => {
    sink(event);
    if (event.kind === 'dhcp.other-server')
      sink({ kind: 'dhcp.foreign-server', servers: [{ ...UNKNOWN, server: event.server }], chosen: true });
  };
}

const UNKNOWN = { mac: undefined, offered: undefined, boots: [] } as const;
