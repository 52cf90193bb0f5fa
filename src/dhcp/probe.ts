import { setTimeout as sleep } from 'node:timers/promises';
import type { Profile } from '../config/profile.ts';
import type { Sink } from '../journal/event.ts';
import { unexpected } from '../journal/fault.ts';
import type { ForeignServer } from '../journal/foreign-events.ts';
import type { Clock } from '../platform/clock.ts';
import { SystemCallError, setSocketOption } from '../platform/libc.ts';
import { Neighbours } from '../platform/neighbours.ts';
import { portHolder } from '../platform/port-holder.ts';
import { type Datagram, type DatagramSocket, openUdp } from '../platform/udp.ts';
import { CLIENT_PORT, SERVER_PORT } from '../protocol/dhcp/codes.ts';
import { decodePacket } from '../protocol/dhcp/packet.ts';
import { DecodeError } from '../protocol/error.ts';
import { BROADCAST, contains, type Ipv4 } from '../protocol/ipv4.ts';
import { Findings } from './findings.ts';
import { isAbout, type Prober, probeMessages } from './probe-messages.ts';

export interface ProbeOptions {
  readonly profile: Profile;
  readonly prober: Prober;
  readonly clock: Clock;
  readonly sink: Sink;
  /** The service's socket on port 67, for the time when somebody holds port 68. */
  readonly server: DatagramSocket;
}

/** dnsmasq pings an address for 3 s before it offers it for the first time. */
const PATIENCE_MS = 5000;
/** When one has offered an address, others had the same time; what it tells firmware is waited for. */
const LAST_ANSWERS_MS = 1000;
const AGAIN_MS = 1000;
const LOOK_MS = 100;

/** Asks the adapter's network who else serves DHCP there. Takes no address: what it is offered lapses. */
export class Probe {
  readonly #options: ProbeOptions;
  readonly #neighbours: Neighbours;
  #findings: Findings | undefined;
  #socket: DatagramSocket;
  #relayTold = false;
  #sendFault = '';

  constructor(options: ProbeOptions) {
    this.#options = options;
    this.#socket = options.server;
    this.#neighbours = new Neighbours(() => options.clock.monotonic());
  }

  /** Takes what belongs to the probe out of what port 67 receives: its own messages and their answers are no machine's. */
  takes({ bytes, address }: Datagram): boolean {
    if (!isAbout(this.#options.prober, bytes)) return false;
    this.#answer(bytes, address);
    return true;
  }

  /** Takes a message of its own that the kernel refused to send, by a firewall's rule for one. */
  refused({ bytes }: Datagram, error: Error): boolean {
    const own = isAbout(this.#options.prober, bytes);
    if (own) this.#sendFault = error.message;
    return own;
  }

  /**
   * Resolves after 5 s at most.
   * @throws AbortError when stopped; Error where the question did not get out: silence would then mean nothing.
   */
  async run(stop: AbortSignal): Promise<readonly ForeignServer[]> {
    const client = await this.#clientSocket();
    const findings = new Findings();
    this.#findings = findings;
    this.#sendFault = '';
    this.#socket = client ?? this.#options.server;
    try {
      await this.#ask(findings, client ? 0 : this.#options.profile.addresses.dhcp, stop);
      const { adapter } = this.#options.profile;
      if (this.#sendFault) throw new Error(`nothing can be sent on ${adapter.name}: ${this.#sendFault}`);
      return findings.servers((address) => this.#neighbours.macOf(address));
    } finally {
      this.#findings = undefined;
      await client?.close();
    }
  }

  async #ask(findings: Findings, relay: Ipv4, stop: AbortSignal): Promise<void> {
    const { clock, prober } = this.#options;
    const start = clock.monotonic();
    let sentAt = Number.NEGATIVE_INFINITY;
    let until = PATIENCE_MS;
    for (let elapsed = 0; elapsed < until; elapsed = clock.monotonic() - start) {
      if (elapsed - sentAt >= AGAIN_MS) {
        sentAt = elapsed;
        this.#send(BROADCAST, probeMessages(prober, Math.floor(elapsed / 1000), relay));
      }
      if (findings.givesAddresses) until = Math.min(until, elapsed + LAST_ANSWERS_MS);
      await sleep(LOOK_MS, undefined, { signal: stop });
    }
  }

  #answer(bytes: Uint8Array, from: Ipv4): void {
    const { profile, prober } = this.#options;
    try {
      const server = this.#findings?.add(decodePacket(bytes), from);
      // Asked once more by unicast, which makes the kernel learn its hardware address.
      if (server !== undefined && contains(profile.adapter.subnet, server))
        this.#send(server, probeMessages(prober, 0, 0).slice(0, 1));
    } catch (error) {
      if (!(error instanceof DecodeError)) this.#options.sink(unexpected('dhcp', error));
    }
  }

  #send(address: Ipv4, messages: readonly Uint8Array[]): void {
    for (const bytes of messages) this.#socket.send(bytes, address, SERVER_PORT);
  }

  /** undefined where port 68 is not to be had: most often a DHCP client of this host holds it. */
  async #clientSocket(): Promise<DatagramSocket | undefined> {
    const { profile, sink } = this.#options;
    try {
      const socket = await openUdp(
        { port: CLIENT_PORT, adapter: profile.adapter.name },
        {
          batch: (datagrams) => {
            for (const datagram of datagrams) this.takes(datagram);
          },
          sendFailed: (datagram, error) => void this.refused(datagram, error),
          // The service's own socket on the same adapter fails as well, and starts it anew.
          failed: () => undefined,
        },
      );
      // Taken exclusively, then shared: a DHCP client that starts in these seconds gets its port.
      setSocketOption(socket.fd, 'reuseAddress', 1);
      return socket;
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      if (error.code === 'EADDRINUSE' && !this.#relayTold)
        sink({ kind: 'dhcp.asked-as-relay', holder: portHolder('UDP', CLIENT_PORT) });
      this.#relayTold = true;
      return undefined;
    }
  }
}
