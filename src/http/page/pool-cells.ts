import type { LeaseView, Pool } from '../api/shapes.ts';
import { toAddress, toNumber } from './ipv4.ts';

/** A pool as cells of a map. Pure. */

export type CellState = 'free' | 'reserved' | LeaseView['state'];

export interface Cell {
  readonly address: string;
  readonly state: CellState;
  readonly lease?: LeaseView;
  /** Who it is reserved for. */
  readonly holder?: string;
  /** So many addresses stand behind this cell, and so many of them are taken; one where pools are not condensed. */
  readonly stands: number;
  readonly taken: number;
}

export const CELL_WORDS: Record<CellState, string> = {
  free: 'free',
  bound: 'in use',
  expired: 'kept for its machine',
  released: 'given back',
  declined: 'taken by something else',
  reserved: 'reserved',
};

/** Signs that tell states apart without colour. */
export const CELL_SIGNS: Record<CellState, string> = {
  free: '',
  bound: '■',
  expired: '◧',
  released: '○',
  declined: '✕',
  reserved: '▲',
};

/** What a cell that stands for several shows: the one that wants to be seen most. */
const WEIGHT: readonly CellState[] = ['declined', 'bound', 'expired', 'reserved', 'released', 'free'];

/** Above so many addresses a cell stands for several. */
export const CELLS_AT_MOST = 4096;

export function cellsOf(pool: Pool, leases: ReadonlyMap<string, LeaseView>): Cell[] {
  const first = toNumber(pool.first);
  const reserved = new Map(pool.reserved.map(({ address, holder }) => [address, holder]));
  const each = Math.ceil(pool.count / CELLS_AT_MOST);
  return Array.from({ length: Math.ceil(pool.count / each) }, (_, index) => {
    const count = Math.min(each, pool.count - index * each);
    const single = (at: number) => singleCell(toAddress(first + index * each + at), leases, reserved);
    if (count === 1) return single(0);
    const cells = Array.from({ length: count }, (_, at) => single(at));
    const state = WEIGHT.find((wanted) => cells.some((cell) => cell.state === wanted)) ?? 'free';
    const taken = cells.filter((cell) => cell.taken > 0).length;
    return { address: cells[0]!.address, state, stands: count, taken };
  });
}

function singleCell(
  address: string,
  leases: ReadonlyMap<string, LeaseView>,
  reserved: ReadonlyMap<string, string>,
): Cell {
  const lease = leases.get(address);
  const holder = reserved.get(address);
  const state =
    lease && lease.state !== 'released'
      ? lease.state
      : holder !== undefined
        ? 'reserved'
        : (lease?.state ?? 'free');
  const taken = state === 'free' || state === 'released' ? 0 : 1;
  return {
    address,
    state,
    stands: 1,
    taken,
    ...(lease ? { lease } : {}),
    ...(holder === undefined ? {} : { holder }),
  };
}

/** How many there are of each state; those of condensed cells counted one by one. */
export function cellCounts(pool: Pool, leases: ReadonlyMap<string, LeaseView>): Map<CellState, number> {
  const first = toNumber(pool.first);
  const counts = new Map<CellState, number>();
  const reserved = new Map(pool.reserved.map(({ address, holder }) => [address, holder]));
  for (let at = 0; at < pool.count; at += 1) {
    const { state } = singleCell(toAddress(first + at), leases, reserved);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return counts;
}
