import type { AttemptInFull } from '../../journal/timeline/model.ts';
import { serverNow } from './clock.ts';
import { clockTime, offset, plain } from './format.ts';
import { type Child, html } from './preact.js';

/** All that happened in a boot, in the words of the log. */
export function Steps({ attempt }: { attempt: AttemptInFull }): Child {
  const { steps, stepsLeftOut, from } = attempt;
  const gap = Math.ceil(steps.length / 2);
  return html`<section class="card"><h2>Steps</h2>
    <ol class="steps">
      ${steps.map(
        (step, index) => html`
        ${stepsLeftOut > 0 && index === gap && html`<li class="left-out" key="left-out">${stepsLeftOut} steps are left out here</li>`}
        <li key=${index} class=${step.level}>
          <time title=${clockTime(step.at, serverNow())}>${offset(step.at - from)}</time>
          <span class="service">${step.service}</span>
          <span class="text">${step.level === 'error' || step.level === 'warn' ? html`<b class="level">${step.level}</b> ` : ''}${plain(step.text)}</span>
        </li>`,
      )}
    </ol></section>`;
}
