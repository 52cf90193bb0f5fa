import type { Script } from '../api/shapes.ts';
import { plain, plainLines } from './format.ts';
import { Shown, useLoaded } from './loading.ts';
import { type Child, html, useState } from './preact.js';

/** The script that the machine would be given if it asked now. */
export function ScriptNow({ mac }: { mac: string }): Child {
  const [open, setOpen] = useState(false);
  return html`<details class="card" open=${open} onToggle=${(event: Event) => setOpen((event.target as HTMLDetailsElement).open)}>
    <summary><h2>Boot script, as of now</h2></summary>
    ${open && html`<${Text} mac=${mac} />`}
  </details>`;
}

function Text({ mac }: { mac: string }): Child {
  const loaded = useLoaded<Script>(`/api/machines/${encodeURIComponent(mac)}/script`, ['images']);
  return html`<${Shown} loaded=${loaded} show=${({ name, url, made, text }: Script) => html`
    <p class="sub">${plain(name)}, ${made === 'generated' ? 'generated from what is configured' : 'edited by hand'}: <code>${plain(url)}</code></p>
    <pre class="script" tabindex="0" aria-label=${plain(name)}>${plainLines(text)}</pre>`} />`;
}
