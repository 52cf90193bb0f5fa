import { containsHost, type Ipv4, type Subnet } from '../protocol/ipv4.ts';

/** Whom this server may answer: nothing it sends goes anywhere else, whatever a packet says of where it comes from. */
export interface Served {
  /** The adapter's own first, then those behind relays. */
  readonly subnets: readonly Subnet[];
  /** Relays that ask from outside of these, as SUBNETS names them. */
  readonly relays: readonly Ipv4[];
  /** This server's addresses. */
  readonly own: readonly Ipv4[];
}

/** True for an address that another host of a served subnet can have. */
export function isServed({ subnets, own }: Served, address: Ipv4): boolean {
  return !own.includes(address) && subnets.some((subnet) => containsHost(subnet, address));
}

/** True for a relay that is answered, whatever link it speaks for. */
export function isRelay(served: Served, giaddr: Ipv4): boolean {
  return isServed(served, giaddr) || (served.relays.includes(giaddr) && !served.own.includes(giaddr));
}
