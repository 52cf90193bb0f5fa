import type { Attempt, Stage } from '../../journal/timeline/model.ts';
import { bytes, percent, plain, speed } from './format.ts';
import { type Child, html } from './preact.js';
import { currentTransfer } from './speeds.ts';
import { STAGE_AFTER, STAGE_DOING, STAGE_TITLES, STATE_WORDS } from './words.ts';

/** The seven stages of a boot as seven segments: told apart by filling, pattern and sign, not by colour alone. */

const SIGNS: Partial<Record<Stage['state'], string>> = { failed: '✕', unknown: '?' };

/** How much of a running stage has come; undefined where its files are not known, or none has begun. */
function progress(stage: Stage): number | undefined {
  return stage.size && stage.bytes !== undefined ? percent(stage.bytes, stage.size) : undefined;
}

export function stageText(stage: Stage): string {
  const done = stage.state === 'running' ? progress(stage) : undefined;
  return `${STAGE_TITLES[stage.name]} ${STATE_WORDS[stage.state]}${done === undefined ? '' : `, ${done} %`}`;
}

export function StageBar({ attempt }: { attempt: Attempt }): Child {
  const label = attempt.stages.map(stageText).join('; ');
  return html`<div class="stages" role="img" aria-label=${label}>
    ${attempt.stages.map((stage) => {
      const done = stage.state === 'running' ? progress(stage) : undefined;
      return html`<span key=${stage.name} class=${`stage ${stage.state}`} title=${stageText(stage)}>
        ${
          stage.state === 'running' &&
          html`<i class=${done === undefined ? 'fill unsized' : 'fill'}
          style=${{ width: `${done ?? 100}%` }}></i>`
        }
        ${SIGNS[stage.state] ?? ''}
      </span>`;
    })}
  </div>`;
}

/** What the machine does at this moment: the file on its way, or what it is at without one. */
export function Doing({ attempt, rate }: { attempt: Attempt; rate: number | undefined }): Child {
  const current = currentTransfer(attempt);
  if (!current) {
    const stage = attempt.stages.findLast(({ state }) => state === 'running' || state === 'done');
    if (!stage) return html`<p class="doing">Starts</p>`;
    const words = stage.state === 'done' ? STAGE_AFTER : STAGE_DOING;
    return html`<p class="doing">${words[stage.name]}</p>`;
  }
  const { file, size, bytes: come, retransmissions = 0 } = current.transfer;
  return html`<p class="doing">
    <b><bdi>${plain(file)}</bdi></b>${' '}
    <span>${size ? `${percent(come, size)} % of ${bytes(size)}` : bytes(come)}</span>
    ${rate !== undefined && html`<span>${speed(rate)}</span>`}
    ${retransmissions > 0 && html`<span class="warn">${retransmissions} packets sent again</span>`}
  </p>`;
}
