import type { Attempt } from '../../journal/timeline/model.ts';
import type { BootChain, FileLink, Link } from '../api/shapes.ts';
import { get } from './api.ts';
import { bytes, plain, plainLines } from './format.ts';
import { Trouble } from './parts.ts';
import { type Child, html, useState } from './preact.js';

type Answer = { readonly chain: BootChain } | { readonly error: unknown };

/** What dhcp would answer this machine now, and why: asked for by a button, since it asks another service. */
export function Explain({ mac, attempt }: { mac: string; attempt: Attempt | undefined }): Child {
  const [answer, setAnswer] = useState<Answer | undefined>(undefined);
  const [asking, setAsking] = useState(false);
  const ask = async () => {
    setAsking(true);
    try {
      setAnswer({ chain: await get<BootChain>(`/api/explain?${query(mac, attempt)}`) });
    } catch (error) {
      setAnswer({ error });
    }
    setAsking(false);
  };
  return html`<section class="card"><h2>What it would boot now, and why</h2>
    <p class="sub">Asks the dhcp service how it would answer this machine's next requests, without doing it, and looks at the files that it would load.</p>
    <button type="button" onClick=${ask} disabled=${asking}>${asking ? 'Asking…' : 'Explain'}</button>
    <div aria-live="polite">
      ${answer && ('error' in answer ? html`<${Trouble} error=${answer.error} />` : html`<${Verdict} chain=${answer.chain} />`)}
    </div>
    ${answer && 'chain' in answer && html`<${Links} links=${answer.chain.links} />`}</section>`;
}

function query(mac: string, attempt: Attempt | undefined): URLSearchParams {
  const query = new URLSearchParams({ mac });
  if (attempt?.architecture) query.set('architecture', String(attempt.architecture.code));
  if (attempt) query.set('firmware', attempt.firmware);
  if (attempt?.relay) query.set('relay', attempt.relay);
  return query;
}

/** What is read out at once; the steps behind it are for whoever goes on. */
function Verdict({ chain: { state, verdict, remedy } }: { chain: BootChain }): Child {
  return html`<div class=${state === 'fail' ? 'trouble' : 'verdict'}><p><b>${plain(verdict)}</b></p>
    ${remedy && html`<p>What to do: ${plain(remedy)}.</p>`}</div>`;
}

function Links({ links }: { links: readonly Link[] }): Child {
  return html`<ol class="exchanges" aria-label="The boot, step by step">${links.map((link, index) =>
    link.kind === 'file'
      ? html`<${File} key=${index} link=${link} />`
      : html`<${Asked} key=${index} exchange=${link} />`,
  )}</ol>`;
}

function Asked({ exchange }: { exchange: Exclude<Link, FileLink> }): Child {
  const { who, message, answer, because, port, request, reply, destination } = exchange;
  return html`<li><h3>${message} → ${answer ?? 'no answer'} <span class="none">${plain(who)}${port === 67 ? '' : `, on port ${port}`}</span></h3>
    <${Because} because=${because} />
    <details><summary>The packets</summary><div class="pair">
      <article class="packet"><h4>→ The request</h4><${Lines} lines=${request} /></article>
      <article class="packet sent"><h4>← The answer ${destination && html`<span class="none">to ${plain(destination)}</span>`}</h4>
        ${reply ? html`<${Lines} lines=${reply} />` : html`<p class="none">None.</p>`}</article>
    </div></details></li>`;
}

function File({
  link: { stage, state, name, url, size: amount, what, because, text },
}: {
  link: FileLink;
}): Child {
  const facts = [what && plain(what), amount !== undefined && bytes(amount)].filter(Boolean).join(', ');
  return html`<li><h3>${STAGES[stage]} <bdi>${plain(name)}</bdi> <span class="none">${STATES[state]}${facts}</span></h3>
    <p class="sub"><code>${plain(url)}</code></p>
    <${Because} because=${because} />
    ${text && html`<details><summary>Its text</summary><pre class="script" tabindex="0" aria-label=${plain(name)}>${plainLines(text)}</pre></details>`}</li>`;
}

const STAGES: Record<FileLink['stage'], string> = {
  loader: 'Loader',
  script: 'Script',
  kernel: 'Kernel',
  initrd: 'Initrd',
};
/** Colour is not all that tells them apart. */
const STATES: Record<FileLink['state'], string> = {
  ok: '',
  warn: 'look at this: ',
  fail: 'it would stop here: ',
  unknown: 'not seen from here',
};

function Because({ because }: { because: readonly string[] }): Child {
  return because.length === 1
    ? html`<p>${plain(because[0]!)}</p>`
    : html`<ol class="because">${because.map((reason, index) => html`<li key=${index}>${plain(reason)}</li>`)}</ol>`;
}

function Lines({ lines }: { lines: readonly string[] }): Child {
  return html`<ul>${lines.map((line, index) => html`<li key=${index}>${plain(line)}</li>`)}</ul>`;
}
