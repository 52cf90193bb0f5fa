import type { Leases, LeaseView, Pool } from '../api/shapes.ts';
import { Shown, useLoaded } from './loading.ts';
import { Title } from './parts.ts';
import { CELL_SIGNS, CELL_WORDS, type Cell, type CellState, cellCounts, cellsOf } from './pool-cells.ts';
import { CellFacts } from './pool-facts.ts';
import { PoolMap } from './pool-map.ts';
import { type Child, html, useMemo, useState } from './preact.js';

/** The addresses as a map, a pool each. */
export function PoolView(): Child {
  const loaded = useLoaded<Leases>('/api/leases', ['leases'], 2000);
  return html`<div class="view">
    <${Title}>Pool<//>
    <${Shown} loaded=${loaded} show=${(leases: Leases) =>
      leases.pools.length === 0
        ? html`<section class="empty"><h2>No addresses are given from here</h2>
            <p>As a proxy, remoteboot leaves addresses to the network's own DHCP server (<code>MODE</code>).</p></section>`
        : leases.pools.map(
            (pool) =>
              html`<${PoolCard} key=${pool.subnet} pool=${pool} leases=${leases.leases} again=${loaded.again} />`,
          )} />
  </div>`;
}

interface PoolProps {
  readonly pool: Pool;
  readonly leases: readonly LeaseView[];
  readonly again: () => void;
}

function PoolCard({ pool, leases, again }: PoolProps): Child {
  const byAddress = useMemo(() => new Map(leases.map((lease) => [lease.address, lease])), [leases]);
  const cells = useMemo(() => cellsOf(pool, byAddress), [pool, byAddress]);
  const counted = useMemo(() => cellCounts(pool, byAddress), [pool, byAddress]);
  const [address, choose] = useState<string | undefined>(undefined);
  const [said, peek] = useState('');
  const chosen = cells.find((cell) => cell.address === address);
  const free = (counted.get('free') ?? 0) + (counted.get('released') ?? 0);
  return html`<section class="card pool">
    <h2>${pool.subnet}</h2>
    <p class="sub">${pool.count} addresses from ${pool.first}; ${free} free${each(cells)}</p>
    <ul class="legend">${(Object.keys(CELL_WORDS) as CellState[]).map(
      (state) => html`<li key=${state}>
      <i class=${`cell ${state}`} aria-hidden="true">${CELL_SIGNS[state]}</i>${CELL_WORDS[state]} <b>${counted.get(state) ?? 0}</b></li>`,
    )}</ul>
    <${PoolMap} cells=${cells} label=${`Addresses of ${pool.subnet}`} chosen=${address} choose=${choose} peek=${peek} />
    <div class="pool-foot"><p class="peek" aria-hidden="true">${said}</p>
      <${CellFacts} key=${address} cell=${chosen} again=${again} /></div>
  </section>`;
}

function each(cells: readonly Cell[]): string {
  const stands = cells[0]?.stands ?? 1;
  return stands === 1 ? '' : `; each cell stands for ${stands}`;
}
