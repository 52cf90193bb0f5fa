import type { EngineSettings } from '../../src/dhcp/question.ts';
import { Scope } from '../../src/dhcp/scope.ts';
import { LeaseBook } from '../../src/leases/book.ts';
import { OPTION } from '../../src/protocol/dhcp/codes.ts';
import { long } from '../../src/protocol/dhcp/options.ts';
import { subnetOf } from '../../src/protocol/ipv4.ts';
import { ip, Rig } from './rig.ts';

export interface Behind {
  readonly cidr: string;
  readonly first: string;
  readonly count: number;
  /** 'relay' where it is left out. */
  readonly gateway?: string;
  /** Relays that ask from outside. */
  readonly relays?: readonly string[];
}

/** Two racks: 10.1.0.0/24, whose router is its relay, and 10.2.0.0/25, whose router is set. */
export const RACKS: readonly Behind[] = [
  { cidr: '10.1.0.0/24', first: '10.1.0.10', count: 3 },
  { cidr: '10.2.0.0/25', first: '10.2.0.20', count: 2, gateway: '10.2.0.126' },
];

/** A server with the local subnet 10.0.0.0/24 and some behind relays. */
export function rigWith(racks: readonly Behind[] = RACKS, settings: Partial<EngineSettings> = {}): Rig {
  return new Rig({ settings, relayed: (local) => racks.map((rack) => scopeOf(rack, local)) });
}

function scopeOf({ cidr, first, count, gateway, relays = [] }: Behind, local: EngineSettings): Scope {
  const [network, prefix] = cidr.split('/') as [string, string];
  const settings: EngineSettings = {
    ...local,
    subnet: subnetOf(ip(network), Number(prefix)),
    gateway: gateway === undefined ? undefined : ip(gateway),
    dns: [ip('9.9.9.9')],
    largerPool: () => `SUBNETS='${cidr}'`,
  };
  const book = new LeaseBook({ first: ip(first), count, reserved: [] });
  return new Scope(settings, book, gateway === undefined ? 'relay' : 'as-set', relays.map(ip));
}

/** Option 82 with the sub-options given, an address each. */
export function relayOption(subOptions: Readonly<Record<number, string>>): Record<number, Uint8Array> {
  const value = Object.entries(subOptions).flatMap(([code, address]) => [
    Number(code),
    4,
    ...long(ip(address)),
  ]);
  return { [OPTION.relayAgent]: Uint8Array.from(value) };
}
