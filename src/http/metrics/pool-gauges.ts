import { Gauge, type Registry } from 'prom-client';
import type { PoolRange, Profile } from '../../config/profile.ts';
import { formatSubnet } from '../../protocol/ipv4.ts';
import type { LeaseView } from '../api/shapes.ts';
import type { LeaseStates } from '../observer/observed.ts';

/** One pool and how its addresses are used. */
export interface PoolUse {
  /** Its subnet: "10.0.0.0/24". */
  readonly pool: string;
  /** Addresses that can be given out. */
  readonly size: number;
  readonly states: Readonly<Record<LeaseView['state'] | 'free', number>>;
}

/** How many addresses of each of these ranges are in which state. */
export type StatesOf = (ranges: readonly PoolRange[]) => Promise<readonly LeaseStates[]>;

/**
 * How the pools of the profile are used, by the states of their leases in the order of {@link poolsOf}. free: nobody has it; an expired or
 * released one waits for its machine until it is needed.
 */
export function poolUses(profile: Profile, states: readonly LeaseStates[]): PoolUse[] {
  return poolsOf(profile).map(({ subnet, pool: { first, count, reserved } }, n) => {
    const { [n]: known = NOBODY } = states;
    const inside = (address: number) => address >= first && address < first + count;
    const size = count - new Set(reserved.map(({ address }) => address).filter(inside)).size;
    const used = Object.values(known).reduce((sum, some) => sum + some, 0);
    return { pool: formatSubnet(subnet), size, states: { ...known, free: Math.max(0, size - used) } };
  });
}

const NOBODY: LeaseStates = { bound: 0, expired: 0, released: 0, declined: 0 };

/** A proxy has none. */
export function poolsOf({ adapter, pool, subnets, mode }: Profile) {
  return mode === 'proxy' ? [] : [{ subnet: adapter.subnet, pool }, ...subnets];
}

/** Gauges of the pools, looked up when they are asked for. */
export function addPoolGauges(registry: Registry, profile: Profile, statesOf: StatesOf): void {
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
      const ranges = poolsOf(profile).map(({ pool }) => pool);
      const known = await statesOf(ranges).catch(() => undefined);
      for (const { pool, states } of known ? poolUses(profile, known) : [])
        for (const [state, addresses] of Object.entries(states)) this.set({ pool, state }, addresses);
    },
  });
}
