import type { AttemptInFull, Diagnosis, Machine } from '../../journal/timeline/model.ts';
import { Explain } from './explain.ts';
import { duration, plain } from './format.ts';
import { KindIcon, kindOf } from './icons.ts';
import { live } from './live.ts';
import { Shown, useLoaded } from './loading.ts';
import { Outcome } from './machine-row.ts';
import { Packets } from './packets.ts';
import { Ago, At, Title } from './parts.ts';
import { type Child, html } from './preact.js';
import { machineLink } from './route.ts';
import { ScriptNow } from './script.ts';
import { Steps } from './steps.ts';
import { Timeline } from './timeline.ts';
import { CERTAINTY, nameOf, OUTCOMES } from './words.ts';

/** One machine: its boot drawn, what went wrong, and all that is known of it. */
export function MachineView({ mac, attempt: chosen }: { mac: string; attempt?: string }): Child {
  const loaded = useLoaded<Machine>(`/api/machines/${encodeURIComponent(mac)}`, [`machine ${mac}`], 500);
  const machine = loaded.value;
  const attempt = machine?.history.find(({ id }) => id === chosen) ?? machine?.history[0];
  return html`<div class="view machine-view">
    <p class="back"><a href="#/machines">← All machines</a></p>
    <header class="machine-head">
      <${KindIcon} attempt=${attempt ?? machine?.attempt} />
      <div><${Title}><bdi>${nameOf(machine ?? live.machines.get(mac) ?? { mac: plain(mac) })}</bdi><//>
        ${machine && html`<${Facts} machine=${machine} attempt=${attempt} />`}</div>
      ${machine && html`<${Outcome} machine=${{ attempt }} />`}
    </header>
    <${Shown} loaded=${loaded} show=${(shown: Machine) => html`<${Shape} machine=${shown} attempt=${attempt} />`} />
  </div>`;
}

interface ShapeProps {
  readonly machine: Machine;
  readonly attempt: AttemptInFull | undefined;
}

function Facts({ machine: { mac, hostName, address }, attempt }: ShapeProps): Child {
  const facts = [hostName && mac, attempt?.address ?? address, attempt && kindOf(attempt).title].filter(
    Boolean,
  );
  return html`<p class="facts">${facts.map((fact) => html`<span key=${fact}>${plain(fact ?? '')}</span>`)}
    ${attempt?.relay && html`<span>by the relay ${plain(attempt.relay)}</span>`}</p>`;
}

function Shape({ machine: { mac, history }, attempt }: ShapeProps): Child {
  return html`
    ${
      attempt !== history[0] &&
      html`<p class="notice">This is an earlier attempt.
      <a href=${machineLink(mac)}>See the newest</a></p>`
    }
    ${attempt?.diagnosis && html`<${DiagnosisCard} diagnosis=${attempt.diagnosis} />`}
    ${
      attempt
        ? html`<section class="card"><h2>Timeline</h2>
          <p class="sub">Began <${At} at=${attempt.from} />, <${Ago} at=${attempt.from} /></p>
          <${Timeline} attempt=${attempt} /></section>`
        : html`<section class="empty"><h2>It has not tried to boot here</h2>
          <p>It has an address and asked for nothing else. Choose network boot in its firmware to boot it from here.</p></section>`
    }
    ${history.length > 1 && html`<${Attempts} mac=${mac} history=${history} shown=${attempt} />`}
    ${attempt && html`<${Steps} attempt=${attempt} />`}
    ${attempt && html`<${Packets} mac=${mac} attempt=${attempt} />`}
    <${ScriptNow} mac=${mac} />
    <${Explain} mac=${mac} attempt=${attempt} />`;
}

function DiagnosisCard({
  diagnosis: { code, certainty, cause, remedy, at },
}: {
  diagnosis: Diagnosis;
}): Child {
  return html`<section class=${`card diagnosis ${certainty}`} aria-labelledby="diagnosis">
    <h2 id="diagnosis">${CERTAINTY[certainty]}</h2>
    <p class="cause">${plain(cause)}</p>
    <p class="remedy"><b>What to do</b> ${plain(remedy)}</p>
    <p class="sub"><a href=${`#/help/${encodeURIComponent(code)}`}>More about “${code}”</a> · since <${At} at=${at} /></p>
  </section>`;
}

interface AttemptsProps {
  readonly mac: string;
  readonly history: readonly AttemptInFull[];
  readonly shown: AttemptInFull | undefined;
}

function Attempts({ mac, history, shown }: AttemptsProps): Child {
  return html`<nav class="card attempts" aria-label="Attempts"><h2>Attempts</h2>
    <ul>${history.map((attempt, index) => {
      const { word, sign } = OUTCOMES[attempt.outcome];
      return html`<li key=${attempt.id}>
        <a href=${machineLink(mac, index === 0 ? undefined : attempt.id)} aria-current=${attempt === shown ? 'true' : undefined}>
          <span class=${`pill ${attempt.outcome}`}><i aria-hidden="true">${sign}</i>${word}</span>
          <${At} at=${attempt.from} />
          ${attempt.duration !== undefined && html`<span class="none">${duration(attempt.duration)}</span>`}
        </a></li>`;
    })}</ul></nav>`;
}
