import { handle } from '../../src/dhcp/engine.ts';
import type { EngineSettings, Outcome } from '../../src/dhcp/question.ts';
import { restoreLeases, Scope, type Scopes } from '../../src/dhcp/scope.ts';
import { LeaseBook } from '../../src/leases/book.ts';
import type { LeaseChange } from '../../src/leases/lease.ts';
import type { PoolShape } from '../../src/leases/pool.ts';
import { FLAG_BROADCAST, MESSAGE, messageName, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { byte, byteOf, long, text } from '../../src/protocol/dhcp/options.ts';
import { decodePacket, encodePacket, type Packet } from '../../src/protocol/dhcp/packet.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../../src/protocol/ipv4.ts';

export const ip = (dotted: string): Ipv4 => parseIpv4(dotted)!;

export const SERVER = '10.0.0.1';
export const POOL: PoolShape = { first: ip('10.0.0.10'), count: 4, reserved: [] };

export const SETTINGS: EngineSettings = {
  server: ip(SERVER),
  tftp: ip('10.0.0.2'),
  subnet: { network: ip('10.0.0.0'), prefix: 24 },
  leaseTime: 7200,
  newLeaseTime: 7200,
  gateway: ip('10.0.0.254'),
  dns: [ip('10.0.0.53'), ip('9.9.9.9')],
  domain: 'lab.example',
  authoritative: false,
  served: { subnets: [{ network: ip('10.0.0.0'), prefix: 24 }], relays: [], own: [ip(SERVER)] },
  largerPool: (size) => `LEASE_COUNT=${2 * size}`,
  plan: {
    http: { address: ip('10.0.0.3'), port: 8080 },
    tftp: ip('10.0.0.2'),
    loaders: {
      bios: 'undionly.kpxe',
      x64: 'snponly.efi',
      arm64: 'snponly-arm64.efi',
      ia32: 'snponly-ia32.efi',
      arm32: 'snponly-arm32.efi',
    },
    // A lab without 32-bit machines.
    hasLoader: (architecture) => architecture !== 'ia32' && architecture !== 'arm32',
  },
};

/** What a test's packet says; the rest is an Ethernet client's. */
export interface Say {
  readonly mac?: string;
  readonly xid?: number;
  readonly ciaddr?: string;
  readonly giaddr?: string;
  readonly flags?: number;
  readonly htype?: number;
  readonly hlen?: number;
  /** By code; an address as dotted text, or raw bytes. */
  readonly options?: Readonly<Record<number, string | Uint8Array>>;
}

export function message(type: number | undefined, say: Say = {}): Uint8Array {
  const hardware = Buffer.from((say.mac ?? '52:54:00:00:00:01').replaceAll(':', ''), 'hex');
  const chaddr = Buffer.alloc(16);
  chaddr.set(hardware);
  const options = new Map<number, Uint8Array>();
  if (type !== undefined) options.set(OPTION.messageType, byte(type));
  for (const [code, value] of Object.entries(say.options ?? {})) {
    options.set(Number(code), typeof value === 'string' ? long(ip(value)) : value);
  }
  return encodePacket({
    op: 1,
    htype: say.htype ?? 1,
    hlen: say.hlen ?? hardware.length,
    hops: say.giaddr ? 1 : 0,
    xid: say.xid ?? 1,
    secs: 0,
    flags: say.flags ?? 0,
    ciaddr: say.ciaddr ? ip(say.ciaddr) : 0,
    yiaddr: 0,
    siaddr: 0,
    giaddr: say.giaddr ? ip(say.giaddr) : 0,
    chaddr,
    sname: '',
    file: '',
    options,
  });
}

export const BROADCAST_FLAG = FLAG_BROADCAST;
export const vendorClass = (name: string) => ({ [OPTION.vendorClass]: text(name) });
export const architecture = (code: number) => ({
  [OPTION.clientArchitecture]: Uint8Array.of(code >> 8, code & 255),
});
export const asking = (...codes: number[]) => ({ [OPTION.parameterList]: Uint8Array.from(codes) });
export const BIOS_ROM = { ...vendorClass('PXEClient:Arch:00000:UNDI:002001'), ...architecture(0) };
export const IPXE = {
  ...BIOS_ROM,
  [OPTION.userClass]: text('iPXE'),
  [OPTION.ipxe]: Uint8Array.of(0x13, 1, 1),
};

export interface Answered {
  readonly outcome: Outcome;
  /** "OFFER", or "silence". */
  readonly what: string;
  readonly packet: Packet | undefined;
  readonly yiaddr: string;
  /** "address:port", with " via mac" for a unicast to a client without an address. */
  readonly to: string;
  readonly kinds: readonly string[];
}

/** A server in a test: clock in seconds, changes kept as a store would. */
export class Rig {
  now = 1_000_000;
  scopes: Scopes;
  readonly stored: LeaseChange[] = [];
  readonly #scopes: () => Scopes;

  /** @param options `relayed` makes the scopes behind relays, given the local one's settings. */
  constructor(
    options: {
      settings?: Partial<EngineSettings>;
      pool?: PoolShape;
      relayed?: (local: EngineSettings) => Scope[];
    } = {},
  ) {
    const settings = { ...SETTINGS, ...options.settings };
    this.#scopes = () => {
      const relayed = options.relayed?.(settings) ?? [];
      const served = {
        ...settings.served,
        subnets: [settings.subnet, ...relayed.map(({ subnet }) => subnet)],
        relays: relayed.flatMap(({ relays }) => relays),
      };
      return { local: new Scope({ ...settings, served }, new LeaseBook(options.pool ?? POOL)), relayed };
    };
    this.scopes = this.#scopes();
  }

  /** @param peer the sender; the relay that the packet names, or the address that it says it has, where that can be read. */
  bytes(datagram: Uint8Array, peer?: string): Answered {
    const from = peer === undefined ? senderOf(datagram) : ip(peer);
    const outcome = handle(datagram, from, this.scopes, this.now);
    this.stored.push(...outcome.changes);
    const packet = outcome.answer && decodePacket(outcome.answer.bytes);
    const destination = outcome.answer?.destination;
    const via = destination?.hardware ? ` via ${Buffer.from(destination.hardware).toString('hex')}` : '';
    return {
      outcome,
      packet,
      what: packet ? messageName(byteOf(packet.options, OPTION.messageType)!) : 'silence',
      yiaddr: packet ? formatIpv4(packet.yiaddr) : '',
      to: destination ? `${formatIpv4(destination.address)}:${destination.port}${via}` : '',
      kinds: outcome.events.map(({ kind }) => kind).filter((kind) => kind !== 'dhcp.packet'),
    };
  }

  discover(say: Say = {}): Answered {
    return this.bytes(message(MESSAGE.discover, say));
  }

  /** SELECTING, as it follows an OFFER of ours. */
  select(address: string, say: Say = {}): Answered {
    const options = { [OPTION.serverIdentifier]: SERVER, [OPTION.requestedAddress]: address, ...say.options };
    return this.bytes(message(MESSAGE.request, { ...say, options }));
  }

  /** DISCOVER and SELECTING; the address that was acknowledged. */
  lease(mac: string, options: Say['options'] = {}): string {
    const offer = this.discover({ mac, options });
    const ack = this.select(offer.yiaddr, { mac, options });
    return ack.what === 'ACK' ? ack.yiaddr : ack.what;
  }

  /** A new process on the same store. */
  restart(): LeaseChange[] {
    const leases = new Map();
    for (const change of this.stored) {
      if (change.kind === 'put') leases.set(change.lease.address, change.lease);
      else leases.delete(change.address);
    }
    this.scopes = this.#scopes();
    return restoreLeases(this.scopes, [...leases.values()]);
  }
}

function senderOf(datagram: Uint8Array): Ipv4 {
  const bytes = Buffer.from(datagram);
  const relay = bytes.length < 28 ? 0 : bytes.readUInt32BE(24);
  return relay || (bytes.length < 16 ? 0 : bytes.readUInt32BE(12));
}
