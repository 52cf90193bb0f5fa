import { Gauge, type Registry } from 'prom-client';
import type { PoolRange, Profile } from '../../config/profile.ts';
import { formatSubnet, parseIpv4 } from '../../protocol/ipv4.ts';
import type { LeaseView } from '../api/shapes.ts';

/** One pool and how its addresses are used. */
export interface PoolUse {
  /** Its subnet: "10.0.0.0/24". */
  readonly pool: string;
  /** Addresses that can be given out. */
  readonly size: number;
  readonly states: Readonly<Record<LeaseView['state'] | 'free', number>>;
}

/** How the pools of the profile are used. free: nobody has it; an expired or released one waits for its machine until it is needed. */
export function poolUses({ adapter, pool, subnets, mode }: Profile, leases: readonly LeaseView[]): PoolUse[] {
  if (mode === 'proxy') return [];
  const pools = [{ subnet: adapter.subnet, pool }, ...subnets];
  return pools.map((one) => poolUse(formatSubnet(one.subnet), one.pool, leases));
}

function poolUse(name: string, { first, count, reserved }: PoolRange, leases: readonly LeaseView[]): PoolUse {
  const states = { bound: 0, expired: 0, released: 0, declined: 0 };
  const inside = (address: number) => address >= first && address < first + count;
  for (const { address, state } of leases) if (inside(parseIpv4(address) ?? -1)) states[state] += 1;
  const size = count - new Set(reserved.map(({ address }) => address).filter(inside)).size;
  const used = Object.values(states).reduce((sum, some) => sum + some, 0);
  return { pool: name, size, states: { ...states, free: Math.max(0, size - used) } };
}

/** Gauges of the pools, looked up when they are asked for. */
export function addPoolGauges(
  registry: Registry,
  profile: Profile,
  leases: () => Promise<readonly LeaseView[]>,
): void {
  const registers = [registry];
  const sizes = new Gauge({
    name: 'remoteboot_pool_size_addresses',
    help: 'Addresses that a pool can give out',
    labelNames: ['pool'],
    registers,
  });
  for (const { pool, size } of poolUses(profile, [])) sizes.set({ pool }, size);
  new Gauge({
    name: 'remoteboot_pool_addresses',
    help: 'Addresses of a pool by state: bound, free, declined, expired, released',
    labelNames: ['pool', 'state'],
    registers,
    async collect() {
      this.reset();
      // Without the lease database nothing is known: no value rather than a wrong one.
      const known = await leases().catch(() => undefined);
      for (const { pool, states } of known ? poolUses(profile, known) : [])
        for (const [state, addresses] of Object.entries(states)) this.set({ pool, state }, addresses);
    },
  });
}
