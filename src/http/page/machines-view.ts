import { Waiting } from './first-steps.ts';
import { live } from './live.ts';
import { MachineRow } from './machine-row.ts';
import { counts, GROUPS, type Group, groupOf, inOrder, matches } from './order.ts';
import { Title } from './parts.ts';
import { type Child, html, useRef, useState } from './preact.js';
import { useTopic } from './topics.ts';
import { STAGE_TITLES } from './words.ts';

/** Rows find their places anew no more often than this, and not while a hand is on them. */
const ORDER_MS = 700;
const HANDS_OFF_MS = 2000;

const TITLES: Record<Group, string> = {
  booting: 'Booting',
  failed: 'In trouble',
  booted: 'Booted',
  other: 'Other',
};

/** Filter and group stay while other views are looked at. */
let keptFilter = '';
let keptGroup: Group | undefined;

export function MachinesView(): Child {
  useTopic('machines', ORDER_MS);
  useTopic('connection');
  const [filter, setFilter] = useState(keptFilter);
  const [group, setGroup] = useState(keptGroup);
  keptFilter = filter;
  keptGroup = group;
  const places = useRef<readonly string[]>([]);
  const touchedAt = useRef(0);
  const touched = () => {
    touchedAt.current = performance.now();
  };

  const machines = [...live.machines.values()];
  const wanted = machines.filter(
    (machine) => (group === undefined || groupOf(machine) === group) && matches(machine, filter),
  );
  const sorted = inOrder(wanted).map(({ mac }) => mac);
  const held = touchedAt.current > 0 && performance.now() - touchedAt.current < HANDS_OFF_MS;
  places.current = held ? keepPlaces(places.current, sorted) : sorted;

  return html`<div class="view">
    <${Title}>Machines<//>
    <${Bar} machines=${machines} filter=${filter} setFilter=${setFilter} group=${group} setGroup=${setGroup} />
    ${
      places.current.length > 0
        ? html`<table role="table" class="machines" aria-label="Machines" onPointerMove=${touched} onKeyDown=${touched}>
          <thead role="rowgroup"><${Head} /></thead>
          <tbody role="rowgroup">${places.current.map((mac) => html`<${MachineRow} key=${mac} mac=${mac} />`)}</tbody>
        </table>`
        : html`<${Nothing} any=${machines.length > 0} />`
    }
  </div>`;
}

/** Those that stay keep their order; the others come after them. */
function keepPlaces(before: readonly string[], after: readonly string[]): string[] {
  const still = new Set(after);
  const kept = before.filter((mac) => still.delete(mac));
  return [...kept, ...still];
}

function Head(): Child {
  return html`<tr role="row">
    <th role="columnheader" class="icon"><span class="hidden">Kind</span></th>
    <th role="columnheader" class="who">Machine</th>
    <th role="columnheader" class="address">Address</th>
    <th role="columnheader" class="boot">
      <span class="hidden">Boot</span>
      <span class="stages titles" aria-hidden="true">
        ${Object.values(STAGE_TITLES).map((title) => html`<span key=${title}>${title}</span>`)}
      </span>
    </th>
    <th role="columnheader" class="outcome">Outcome</th>
    <th role="columnheader" class="last">Last boot</th>
  </tr>`;
}

interface BarProps {
  readonly machines: readonly Parameters<typeof groupOf>[0][];
  readonly filter: string;
  readonly setFilter: (filter: string) => void;
  readonly group: Group | undefined;
  readonly setGroup: (group: Group | undefined) => void;
}

function Bar({ machines, filter, setFilter, group, setGroup }: BarProps): Child {
  const count = counts(machines);
  return html`<div class="bar">
    <div class="chips" role="group" aria-label="Show">
      <${Chip} title="All" count=${machines.length} on=${group === undefined} pick=${() => setGroup(undefined)} />
      ${GROUPS.map(
        (each) => html`<${Chip} key=${each} kind=${each} title=${TITLES[each]} count=${count[each]}
        on=${group === each} pick=${() => setGroup(group === each ? undefined : each)} />`,
      )}
    </div>
    <label class="search"><span class="hidden">Filter machines</span>
      <input type="search" placeholder="Filter: name, MAC, address…" value=${filter} autocomplete="off" spellcheck=${false}
        onInput=${(event: InputEvent) => setFilter((event.target as HTMLInputElement).value)} />
    </label>
  </div>`;
}

interface ChipProps {
  readonly title: string;
  readonly count: number;
  readonly on: boolean;
  readonly pick: () => void;
  readonly kind?: Group;
}

function Chip({ title, count, on, pick, kind }: ChipProps): Child {
  return html`<button type="button" class=${`chip ${kind ?? ''}`} aria-pressed=${on} onClick=${pick}>
    <b>${count}</b> ${title}
  </button>`;
}

function Nothing({ any }: { any: boolean }): Child {
  if (any)
    return html`<p class="empty" role="status">No machine matches. <span class="none">Clear the filter to see all.</span></p>`;
  if (live.connection.state === 'connecting') return html`<p class="empty">Loading…</p>`;
  return html`<${Waiting} />`;
}
