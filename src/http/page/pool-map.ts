import { plain } from './format.ts';
import { memo } from './memo.ts';
import { CELL_SIGNS, CELL_WORDS, type Cell } from './pool-cells.ts';
import { type Child, html } from './preact.js';

/** Up to so many cells have room for the end of their address. */
const ROOMY = 320;

export interface MapProps {
  readonly cells: readonly Cell[];
  readonly label: string;
  readonly chosen: string | undefined;
  readonly choose: (address: string) => void;
  /** The pointer is over this cell, or over none. */
  readonly peek: (said: string) => void;
}

/**
 * The map itself. One stop of the Tab key for all cells: arrows, Home, End and Page keys go from cell to cell, and the one in focus is the one
 * that is described below.
 */
export const PoolMap = memo(({ cells, label, chosen, choose, peek }: MapProps): Child => {
  const stop = chosen ?? cells[0]?.address;
  const roomy = cells.length <= ROOMY;
  return html`<div class=${`map ${roomy ? 'roomy' : 'dense'}`} role="listbox" aria-label=${label}
      onKeyDown=${move} onfocusin=${at(choose, 'address')} onClick=${at(choose, 'address')}
      onPointerOver=${at(peek, 'said')} onPointerLeave=${() => peek('')}>
    ${cells.map(
      (cell) => html`<button key=${cell.address} type="button" role="option" class=${`cell ${cell.state}`}
      data-address=${cell.address} data-said=${describe(cell)} aria-selected=${cell.address === chosen} tabindex=${cell.address === stop ? 0 : -1}
      aria-label=${describe(cell)}><b aria-hidden="true">${CELL_SIGNS[cell.state]}</b>${
        roomy &&
        html`<span aria-hidden="true">${cell.address.slice(cell.address.lastIndexOf('.') + 1)}</span>`
      }</button>`,
    )}
  </div>`;
});

function describe({ address, state, lease, holder, stands, taken }: Cell): string {
  if (stands > 1) return `${address} and ${stands - 1} more: ${taken} taken`;
  const who = lease ? ` ${plain(lease.hostName) || lease.mac}` : holder ? ` for ${plain(holder)}` : '';
  return `${address} ${CELL_WORDS[state]}${who}`;
}

function at(take: (value: string) => void, name: string) {
  return ({ target }: Event) => {
    const value = (target as HTMLElement).closest<HTMLElement>('[data-address]')?.dataset[name];
    if (value !== undefined) take(value);
  };
}

function move(event: KeyboardEvent): void {
  const map = event.currentTarget as HTMLElement;
  const all = [...map.children] as HTMLElement[];
  const at = all.indexOf(event.target as HTMLElement);
  const row = all.filter((cell) => cell.offsetTop === all[0]?.offsetTop).length;
  const target = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at - row,
    ArrowDown: at + row,
    Home: 0,
    End: all.length - 1,
    PageUp: Math.max(0, at - 5 * row),
    PageDown: Math.min(all.length - 1, at + 5 * row),
  }[event.key];
  if (target === undefined) return;
  event.preventDefault();
  all[target]?.focus();
}
