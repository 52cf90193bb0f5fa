import type { Attempt } from '../../journal/timeline/model.ts';
import type { Explanation } from '../api/shapes.ts';
import { get } from './api.ts';
import { plain } from './format.ts';
import { Trouble } from './parts.ts';
import { type Child, html, useState } from './preact.js';

type Answer = { readonly explanation: Explanation } | { readonly error: unknown };

/** What dhcp would answer this machine now, and why: asked for by a button, since it asks another service. */
export function Explain({ mac, attempt }: { mac: string; attempt: Attempt | undefined }): Child {
  const [answer, setAnswer] = useState<Answer | undefined>(undefined);
  const [asking, setAsking] = useState(false);
  const ask = async () => {
    setAsking(true);
    try {
      setAnswer({ explanation: await get<Explanation>(`/api/explain?${query(mac, attempt)}`) });
    } catch (error) {
      setAnswer({ error });
    }
    setAsking(false);
  };
  return html`<section class="card"><h2>What dhcp would answer now</h2>
    <p class="sub">Asks the dhcp service how it would answer this machine's next request, without doing it.</p>
    <button type="button" onClick=${ask} disabled=${asking}>${asking ? 'Asking…' : 'Explain'}</button>
    <div aria-live="polite">
      ${answer && ('error' in answer ? html`<${Trouble} error=${answer.error} />` : html`<${Answered} explanation=${answer.explanation} />`)}
    </div></section>`;
}

function query(mac: string, attempt: Attempt | undefined): URLSearchParams {
  const query = new URLSearchParams({ mac });
  if (attempt?.architecture) query.set('architecture', String(attempt.architecture.code));
  if (attempt) query.set('firmware', attempt.firmware);
  return query;
}

function Answered({ explanation: { exchanges } }: { explanation: Explanation }): Child {
  return html`<ol class="exchanges">${exchanges.map((exchange, index) => html`<${Asked} key=${index} exchange=${exchange} />`)}</ol>`;
}

function Asked({ exchange }: { exchange: Explanation['exchanges'][number] }): Child {
  const { who, message, answer, because, trouble, request, reply, destination } = exchange;
  return html`<li><h3>${message} → ${answer ?? 'no answer'} <span class="none">${plain(who)}</span></h3>
    ${trouble && html`<p class="trouble">${plain(trouble)}</p>`}
    <ol class="because">${because.map((reason, index) => html`<li key=${index}>${plain(reason)}</li>`)}</ol>
    <details><summary>The packets</summary><div class="pair">
      <article class="packet"><h4>→ The request</h4><${Lines} lines=${request} /></article>
      <article class="packet sent"><h4>← The answer ${destination && html`<span class="none">to ${destination}</span>`}</h4>
        ${reply ? html`<${Lines} lines=${reply} />` : html`<p class="none">None.</p>`}</article>
    </div></details></li>`;
}

function Lines({ lines }: { lines: readonly string[] }): Child {
  return html`<ul>${lines.map((line, index) => html`<li key=${index}>${plain(line)}</li>`)}</ul>`;
}
