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

function Answered({
  explanation: { because, request, reply, destination },
}: {
  explanation: Explanation;
}): Child {
  return html`<ol class="because">${because.map((reason, index) => html`<li key=${index}>${plain(reason)}</li>`)}</ol>
    <div class="packets"><div class="pair">
      <article class="packet"><h3>→ The request</h3><${Lines} lines=${request} /></article>
      <article class="packet"><h3>← The reply ${destination && html`<span class="none">to ${destination}</span>`}</h3>
        ${reply ? html`<${Lines} lines=${reply} />` : html`<p class="none">It would not be answered.</p>`}</article>
    </div></div>`;
}

function Lines({ lines }: { lines: readonly string[] }): Child {
  return html`<ul>${lines.map((line, index) => html`<li key=${index}>${plain(line)}</li>`)}</ul>`;
}
