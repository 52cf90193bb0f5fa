import type { Attempt, Stage, Transfer } from '../../journal/timeline/model.ts';
import { serverNow, useTicking } from './clock.ts';
import { bytes, duration, percent, plain, speed } from './format.ts';
import { type Child, html } from './preact.js';
import { averageSpeed } from './speeds.ts';
import { type Axis, axisOf, place, tickText } from './time-axis.ts';
import { OUTCOMES, STAGE_TITLES, STATE_WORDS, shownOutcome } from './words.ts';

/** A boot drawn over time: a lane for each stage, with bars for what took time. All that is drawn is said in words too. */
export function Timeline({ attempt }: { attempt: Attempt }): Child {
  // A boot that is on its way grows with the time.
  useTicking((now) => (attempt.outcome === 'running' ? String(now) : ''));
  const end = attempt.outcome === 'running' ? Math.max(serverNow(), attempt.to) : attempt.to;
  const axis = axisOf(attempt.from, end);
  return html`<div class="timeline">
    <div class="axis" aria-hidden="true">
      ${axis.ticks.map((tick) => html`<span key=${tick} style=${{ left: `${place(axis, axis.from + tick)}%` }}>${tickText(tick)}</span>`)}
    </div>
    <ol class="lanes">
      ${attempt.stages.map((stage) => html`<${Lane} key=${stage.name} stage=${stage} axis=${axis} end=${end} />`)}
    </ol>
    <p class="total">${OUTCOMES[shownOutcome(attempt)].help}${
      attempt.duration === undefined ? '.' : html`, after <b>${duration(attempt.duration)}</b>.`
    }</p>
  </div>`;
}

function Lane({ stage, axis, end }: { stage: Stage; axis: Axis; end: number }): Child {
  const { name, state, from, to, transfers, note } = stage;
  const took = from === undefined ? '' : duration((to ?? (state === 'running' ? end : from)) - from);
  return html`<li class=${`lane ${state}`}>
    <div class="lane-name"><b>${STAGE_TITLES[name]}</b> <span class="state">${STATE_WORDS[state]}</span>
      <span class="lane-took">${took}</span></div>
    <div class="lane-track">
      <div class="grid" aria-hidden="true">
        ${axis.ticks.map((tick) => html`<i key=${tick} style=${{ left: `${place(axis, axis.from + tick)}%` }}></i>`)}
      </div>
      ${
        transfers.length === 0 &&
        from !== undefined &&
        html`<${Bar} state=${state} axis=${axis} from=${from} to=${to ?? (state === 'running' ? end : from)} />`
      }
      ${transfers.map((transfer) => html`<${File} key=${`${transfer.file} ${transfer.from}`} transfer=${transfer} axis=${axis} end=${end} />`)}
      ${note && html`<p class="note">${plain(note)}</p>`}
      ${state === 'unknown' && !note && html`<p class="note">Whoever would know was not recording</p>`}
    </div>
  </li>`;
}

interface BarProps {
  readonly state: string;
  readonly axis: Axis;
  readonly from: number;
  readonly to: number;
}

function Bar({ state, axis, from, to }: BarProps): Child {
  const left = place(axis, from);
  const style = { left: `${left}%`, width: `${place(axis, to) - left}%` };
  return html`<div class=${`span ${state}`} style=${style} aria-hidden="true"></div>`;
}

/** Words begin below their bar; where that would leave them no room, they end with it. */
function wordsAt(axis: Axis, from: number, to: number): { class: string; style: object } {
  const left = place(axis, from);
  if (left <= 50) return { class: 'words', style: { '--start': `${left}%` } };
  return { class: 'words late', style: { '--end': `${100 - place(axis, to)}%` } };
}

function File({ transfer, axis, end }: { transfer: Transfer; axis: Axis; end: number }): Child {
  const { file, state, from, to } = transfer;
  const until = to ?? (state === 'running' ? end : from);
  return html`<div class="file">
    <${Bar} state=${state} axis=${axis} from=${from} to=${until} />
    <p ...${wordsAt(axis, from, until)}><b><bdi>${plain(file)}</bdi></b>
      ${facts(transfer, until).map((fact) => html`<span key=${fact}>${fact}</span>`)}
      ${transfer.note && html`<span class="why">${plain(transfer.note)}</span>`}</p>
  </div>`;
}

function facts(transfer: Transfer, until: number): string[] {
  const { service, state, bytes: come, size, from, retransmissions = 0 } = transfer;
  const rate = averageSpeed(transfer, until);
  const part =
    size && come < size ? `${bytes(come)} of ${bytes(size)} (${percent(come, size)} %)` : bytes(come);
  return [
    ...(state === 'done' ? [] : [STATE_WORDS[state]]),
    part,
    ...(rate === undefined ? [] : [speed(rate)]),
    duration(until - from),
    service === 'tftp' ? 'TFTP' : 'HTTP',
    ...(retransmissions > 0 ? [`${retransmissions} packets sent again`] : []),
  ];
}
