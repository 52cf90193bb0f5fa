import { ApiError, post, token } from './api.ts';
import { plain } from './format.ts';
import { Ago, At, Trouble } from './parts.ts';
import { CELL_WORDS, type Cell } from './pool-cells.ts';
import { type Child, html, useState } from './preact.js';
import { machineLink } from './route.ts';

/** Who has the address that was chosen, and the way to take it back. */
export function CellFacts({ cell, again }: { cell: Cell | undefined; again: () => void }): Child {
  if (!cell) return html`<p class="cell-facts none">Choose an address to see who has it.</p>`;
  const { address, state, lease, holder, stands, taken } = cell;
  if (stands > 1)
    return html`<p class="cell-facts">${address} and the ${stands - 1} after it: <b>${taken}</b> taken, <b>${stands - taken}</b> free.</p>`;
  return html`<div class="cell-facts">
    <p><b>${address}</b> ${CELL_WORDS[state]}
      ${
        lease &&
        html` · <a href=${machineLink(lease.mac)}><bdi>${plain(lease.hostName) || lease.mac}</bdi></a>
        ${lease.hostName && html` <span class="mac">${lease.mac}</span>`}
        · ${lease.state === 'bound' ? 'until' : 'since'} <${At} at=${lease.expires} /> (<${Ago} at=${lease.expires} />)`
      }
      ${holder !== undefined && html` · reserved for <bdi>${plain(holder)}</bdi>`}</p>
    ${lease && lease.state !== 'released' && html`<${Release} address=${address} again=${again} />`}
  </div>`;
}

type Step =
  | { readonly at: 'idle' | 'sure' | 'busy' | 'done' }
  | { readonly at: 'refused'; readonly error: unknown };

/** Released on a second press only: a machine that uses the address goes on using it, and the next one may get it too. */
function Release({ address, again }: { address: string; again: () => void }): Child {
  const [step, setStep] = useState<Step>({ at: 'idle' });
  const release = async () => {
    setStep({ at: 'busy' });
    try {
      await post(`/api/leases/${encodeURIComponent(address)}/release`);
      setStep({ at: 'done' });
      again();
    } catch (error) {
      if (error instanceof ApiError && error.wantsToken) token.forget();
      setStep({ at: 'refused', error });
    }
  };
  switch (step.at) {
    case 'idle':
      return html`<button type="button" onClick=${() => setStep({ at: 'sure' })}>Release…</button>`;
    case 'sure':
      return html`<div class="confirm" role="group" aria-label=${`Release ${address}`}>
        <p>Give ${address} free? A machine that still uses it goes on until its lease ends; another may get it too.</p>
        <button type="button" class="danger" ref=${focus} onClick=${release}>Release ${address}</button>
        <button type="button" onClick=${() => setStep({ at: 'idle' })}>Keep</button></div>`;
    case 'refused':
      return html`<${Trouble} error=${step.error} />
        ${
          step.error instanceof ApiError && step.error.wantsToken
            ? html`<${AskToken} retry=${release} />`
            : html`<button type="button" onClick=${() => setStep({ at: 'idle' })}>Back</button>`
        }`;
    default:
      return html`<p role="status">${step.at === 'busy' ? 'Releasing…' : `${address} is free again.`}</p>`;
  }
}

const focus = (element: HTMLElement | null) => element?.focus();

/** The token stays in this tab. */
function AskToken({ retry }: { retry: () => void }): Child {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const value = new FormData(event.target as HTMLFormElement).get('token');
    token.set(String(value).trim());
    retry();
  };
  return html`<form class="token" onSubmit=${submit}>
    <label>API token <input type="password" name="token" required autocomplete="off" ref=${focus} /></label>
    <button type="submit">Release with this token</button>
    <p class="sub">API_TOKEN of the server's <code>.env</code>. Kept until this tab is closed.</p>
  </form>`;
}
