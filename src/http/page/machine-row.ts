import type { MachineSummary } from '../../journal/timeline/model.ts';
import { duration, plain } from './format.ts';
import { KindIcon } from './icons.ts';
import { live } from './live.ts';
import { memo } from './memo.ts';
import { Ago } from './parts.ts';
import { type Child, html } from './preact.js';
import { machineLink } from './route.ts';
import { Doing, StageBar } from './stage-bar.ts';
import { useTopic } from './topics.ts';
import { nameOf, OUTCOMES, shownOutcome } from './words.ts';

/** A machine in the list. It listens for itself: the list is drawn anew only when its order changes. */
export const MachineRow = memo(({ mac }: { mac: string }): Child => {
  useTopic(`machine ${mac}`);
  const machine = live.machines.get(mac);
  if (!machine) return null;
  const { attempt, address } = machine;
  return html`<tr role="row" class=${`machine ${shownOutcome(attempt)}`}>
    <td role="cell" class="icon"><${KindIcon} attempt=${attempt} /></td>
    <th role="rowheader" scope="row" class="who">
      <a href=${machineLink(mac)}><bdi>${nameOf(machine)}</bdi></a>
      ${machine.hostName && html`<span class="mac">${mac}</span>`}
    </th>
    <td role="cell" class="address">${address ?? html`<span class="none">no address</span>`}</td>
    <td role="cell" class="boot"><${Boot} machine=${machine} /></td>
    <td role="cell" class="outcome"><${Outcome} machine=${machine} /></td>
    <td role="cell" class="last"><${LastBoot} machine=${machine} /></td>
  </tr>`;
});

function Boot({ machine: { mac, attempt } }: { machine: MachineSummary }): Child {
  if (!attempt) return html`<span class="none">has not tried to boot here</span>`;
  const { diagnosis, outcome } = attempt;
  return html`<${StageBar} attempt=${attempt} />
    ${outcome === 'running' && html`<${Doing} attempt=${attempt} rate=${live.speeds.get(mac)} />`}
    ${diagnosis && html`<p class=${`cause ${diagnosis.certainty}`}>${plain(diagnosis.cause)}</p>`}`;
}

export function Outcome({ machine: { attempt } }: { machine: Pick<MachineSummary, 'attempt'> }): Child {
  const outcome = shownOutcome(attempt);
  const { word, sign, help } = OUTCOMES[outcome];
  return html`<span class=${`pill ${outcome}`} title=${help}>
    <i aria-hidden="true">${sign}</i>${word}
  </span>`;
}

function LastBoot({ machine: { lastBoot } }: { machine: MachineSummary }): Child {
  if (!lastBoot) return html`<span class="none">never</span>`;
  return html`<${Ago} at=${lastBoot.at} /> <span class="took">in ${duration(lastBoot.duration)}</span>`;
}
