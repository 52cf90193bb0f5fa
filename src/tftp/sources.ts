import { contains, containsHost, isHost, type Subnet } from '../protocol/ipv4.ts';
import type { Peer } from './wire.ts';

/** served: is answered. outside: a machine of a network that is not served. nobody: nothing may ever be sent there. */
export type Standing = 'served' | 'outside' | 'nobody';

export interface SourceRules {
  /** The networks of the machines: the adapter's own, and those behind relays. */
  readonly subnets: readonly Subnet[];
  /** This service's own address and port. */
  readonly own: Peer;
  /** Whether machines of other networks are answered too. */
  readonly any: boolean;
}

/**
 * Who is answered, by the source of its packet, which anybody can forge: never a group, a broadcast address or port 0; not this service
 * itself, which would be answering its own answers; and of machines those of the networks that are served.
 */
export function sourceRule({ subnets, own, any }: SourceRules): (peer: Peer) => Standing {
  return ({ address, port }) => {
    if (port === 0 || (address === own.address && port === own.port)) return 'nobody';
    if (address === own.address) return 'served';
    const subnet = subnets.find((one) => contains(one, address));
    if (subnet) return containsHost(subnet, address) ? 'served' : 'nobody';
    if (!isHost(address)) return 'nobody';
    return any ? 'served' : 'outside';
  };
}
