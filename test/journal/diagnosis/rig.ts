import type { Profile } from '../../../src/config/profile.ts';
import type { Service } from '../../../src/config/resolve.ts';
import { handleAsProxy } from '../../../src/dhcp/proxy.ts';
import type { Coverage } from '../../../src/journal/coverage.ts';
import type { Event } from '../../../src/journal/event.ts';
import type { Recorded, Run } from '../../../src/journal/recorded.ts';
import type { Attempt, AttemptInFull, StageName } from '../../../src/journal/timeline/model.ts';
import { Timelines } from '../../../src/journal/timeline/timelines.ts';
import { MESSAGE, OPTION } from '../../../src/protocol/dhcp/codes.ts';
import {
  architecture,
  BIOS_ROM,
  Rig as DhcpRig,
  IPXE,
  ip,
  message,
  type Say,
  SERVER,
  SETTINGS,
  vendorClass,
} from '../../dhcp/rig.ts';
import { profileOf } from '../../profile.ts';
import type { Files } from '../../tftp/memory-assets.ts';
import { TftpSide } from './tftp-side.ts';

export const MAC = '52:54:00:00:00:01';
export const BIOS = BIOS_ROM;
export const UEFI = { ...vendorClass('PXEClient:Arch:00007:UNDI:003016'), ...architecture(7) };
export const UEFI_HTTP = { ...vendorClass('HTTPClient:Arch:00016:UNDI:003016'), ...architecture(16) };
export const PI = {
  ...vendorClass('PXEClient:Arch:00000:UNDI:002001'),
  ...architecture(0),
  [OPTION.clientMachineId]: Buffer.from('\0RPi4'),
};
export { IPXE };
/** An installed system. */
export const SYSTEM = {};

const BEGUN = Date.UTC(2026, 0, 1);
const SERVICES: readonly Service[] = ['dhcp', 'tftp', 'http'];
const FILES: Files = { 'undionly.kpxe': new Uint8Array(74_000), 'snponly.efi': new Uint8Array(250_000) };

/** The network of the rig: every job is done on its own host. */
export function profile(changes: Partial<Profile> = {}): Profile {
  const base = profileOf();
  const own = [SERVER, '10.0.0.2', '10.0.0.3'].map((address) => ({ address: ip(address), prefix: 24 }));
  return profileOf({
    adapter: { ...base.adapter, name: 'eth1', address: ip(SERVER), addresses: own, subnet: SETTINGS.subnet },
    addresses: { dhcp: ip(SERVER), tftp: ip('10.0.0.2'), http: ip('10.0.0.3') },
    httpPort: 8080,
    ...changes,
  });
}

export interface SceneOptions {
  readonly dhcp?: ConstructorParameters<typeof DhcpRig>[0];
  readonly files?: Files;
  readonly profile?: Partial<Profile>;
  /** Services that keep no journal. */
  readonly away?: readonly Service[];
}

/** One network in virtual time: the real engine and the real TFTP server, and what the timelines make of their events. */
export class Scene {
  readonly timelines = new Timelines();
  readonly recorded: Recorded[] = [];
  readonly dhcp: DhcpRig;
  readonly tftp: TftpSide;
  readonly runs: Run[];
  now = BEGUN;
  #id = 0;

  constructor({ dhcp, files = FILES, profile: changes, away = [] }: SceneOptions = {}) {
    this.dhcp = new DhcpRig(dhcp);
    const clock = { now: () => Math.floor(this.now / 1000), monotonic: () => this.now };
    this.tftp = new TftpSide(files, clock, (event) => this.tell('tftp', event));
    const running = SERVICES.filter((service) => !away.includes(service));
    this.runs = running.map((service) => ({ service, from: BEGUN - 60_000, seen: Infinity, ended: false }));
    for (const service of running)
      this.tell(service, { kind: 'config.serving', service, profile: profile(changes) });
    this.wait(1);
  }

  get coverage(): Coverage {
    return { runs: this.runs, gaps: [] };
  }

  /** An event of a service, at this moment; nothing where the service keeps no journal. */
  tell(service: Service, event: Event): void {
    if (!this.runs.some((run) => run.service === service)) return;
    const recorded: Recorded = { service, id: ++this.#id, at: this.now, event };
    this.recorded.push(recorded);
    this.timelines.take(recorded);
  }

  /** Time passes: retransmissions and timeouts come when they are due. */
  wait(seconds: number): this {
    for (let left = seconds * 1000; left > 0; left -= 500) {
      this.now += Math.min(left, 500);
      this.tftp.tick();
    }
    this.dhcp.now = Math.floor(this.now / 1000);
    return this;
  }

  /** A packet as it is, to port 67. @returns what was answered. */
  packet(bytes: Uint8Array) {
    const answered = this.dhcp.bytes(bytes);
    for (const event of answered.outcome.events) this.tell('dhcp', event);
    return answered;
  }

  discover(options: Say['options'], say: Say = {}) {
    return this.packet(
      message(MESSAGE.discover, { mac: MAC, ...say, options: { ...options, ...say.options } }),
    );
  }

  /** SELECTING; `server` is another one's where it is not ours that it takes. */
  request(
    address: string,
    options: Say['options'],
    { server = SERVER, ...say }: Say & { server?: string } = {},
  ) {
    const named = { [OPTION.serverIdentifier]: server, [OPTION.requestedAddress]: address };
    return this.packet(message(MESSAGE.request, { mac: MAC, ...say, options: { ...options, ...named } }));
  }

  /** DISCOVER to ACK. @returns the address. */
  lease(options: Say['options'], say: Say = {}): string {
    const { yiaddr } = this.discover(options, say);
    this.wait(0.1).request(yiaddr, options, say);
    this.wait(0.1);
    return yiaddr;
  }

  /** The same as asked of a server that gives no addresses. */
  proxied(bytes: Uint8Array): void {
    const { events } = handleAsProxy(bytes, ip('10.0.0.77'), { ...SETTINGS });
    for (const event of events) this.tell('dhcp', event);
  }

  judged(mac = MAC): AttemptInFull {
    this.timelines.judge(this.now, this.coverage);
    const newest = this.timelines.machine(mac)?.history[0];
    if (!newest) throw new Error(`${mac} has no attempt`);
    return newest;
  }

  /** The attempt before the newest. */
  before(mac = MAC): AttemptInFull {
    this.judged(mac);
    return this.timelines.machine(mac)!.history[1]!;
  }

  /** The diagnosis as "certainty code at stage"; '' where there is none. */
  verdict(mac = MAC): string {
    return verdictOf(this.judged(mac));
  }
}

export function verdictOf({ diagnosis }: Attempt): string {
  return diagnosis ? `${diagnosis.certainty} ${diagnosis.code} at ${diagnosis.stage}` : '';
}

/** "address done, loader running, …": all stages that are not waiting. */
export function stagesOf({ stages }: Attempt): string {
  return stages
    .filter(({ state }) => state !== 'waiting')
    .map(({ name, state }) => `${name} ${state}`)
    .join(', ');
}

export function stage(attempt: Attempt, name: StageName) {
  return attempt.stages.find((one) => one.name === name)!;
}
