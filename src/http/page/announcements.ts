import type { BootOutcome, MachineSummary } from '../../journal/timeline/model.ts';
import { duration, plain } from './format.ts';
import { live } from './live.ts';
import { type Child, html, useEffect, useState } from './preact.js';
import { listen, pacing } from './topics.ts';
import { nameOf } from './words.ts';

/** A screen reader hears of boots that have ended, not more than one sentence in so long. */
const PAUSE_MS = 3000;
/** More than this at once are counted rather than named. */
const NAMED = 3;

const ENDS: readonly (BootOutcome | undefined)[] = ['booted', 'loaded', 'failed'];

/** Tells boots that have ended since it was asked last; what had ended before the page was opened is no news. Pure but for its memory. */
export class News {
  readonly #told = new Map<string, string>();
  #first = true;

  since(machines: Iterable<MachineSummary>): string {
    const fresh: MachineSummary[] = [];
    for (const machine of machines) {
      const { attempt } = machine;
      const key = `${attempt?.id} ${attempt?.outcome}`;
      if (this.#told.get(machine.mac) === key) continue;
      this.#told.set(machine.mac, key);
      if (!this.#first && ENDS.includes(attempt?.outcome)) fresh.push(machine);
    }
    if (this.#told.size > 0) this.#first = false;
    return sentence(fresh);
  }
}

function sentence(ended: readonly MachineSummary[]): string {
  if (ended.length <= NAMED) return ended.map(one).join(' ');
  const failed = ended.filter(({ attempt }) => attempt?.outcome === 'failed').length;
  const booted = ended.length - failed;
  return [booted > 0 ? `${booted} machines booted.` : '', failed > 0 ? `${failed} failed.` : '']
    .filter(Boolean)
    .join(' ');
}

function one(machine: MachineSummary): string {
  const { attempt } = machine;
  if (attempt?.outcome === 'failed')
    return `${nameOf(machine)} failed: ${plain(attempt.diagnosis?.cause ?? 'the cause is not known')}`;
  return `${nameOf(machine)} booted${attempt?.duration === undefined ? '' : ` in ${duration(attempt.duration)}`}.`;
}

export function Announcements(): Child {
  const [text, setText] = useState('');
  useEffect(() => {
    const news = new News();
    const tell = pacing(() => {
      const said = news.since(live.machines.values());
      if (said) setText(said);
    }, PAUSE_MS);
    const stop = listen('machines', tell.call);
    return () => {
      stop();
      tell.stop();
    };
  }, []);
  return html`<p class="hidden" role="status" aria-live="polite">${text}</p>`;
}
