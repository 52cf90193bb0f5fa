import type { Attempt } from '../../journal/timeline/model.ts';
import type { PacketInWords } from '../api/shapes.ts';
import { offset, plain } from './format.ts';
import { Shown, useLoaded } from './loading.ts';
import { type Child, html, useState } from './preact.js';

/** The DHCP packets of a boot in words, each request beside its reply. Loaded when they are asked for. */
export function Packets({ mac, attempt }: { mac: string; attempt: Attempt }): Child {
  const [open, setOpen] = useState(false);
  return html`<details class="card" open=${open} onToggle=${(event: Event) => setOpen((event.target as HTMLDetailsElement).open)}>
    <summary><h2>DHCP packets, decoded</h2></summary>
    ${open && html`<${Decoded} mac=${mac} attempt=${attempt} />`}
  </details>`;
}

function Decoded({ mac, attempt }: { mac: string; attempt: Attempt }): Child {
  const path = `/api/machines/${encodeURIComponent(mac)}/packets?attempt=${encodeURIComponent(attempt.id)}`;
  const loaded = useLoaded<PacketInWords[]>(path, [`machine ${mac}`], 2000);
  return html`<${Shown} loaded=${loaded} show=${(packets: PacketInWords[]) =>
    packets.length === 0
      ? html`<p class="none">None were kept of this attempt.</p>`
      : html`<ol class="packets">${inPairs(packets).map(
          (pair, index) => html`<li key=${index}>
          ${pair.map((packet) => html`<${Packet} key=${packet.at + packet.direction} packet=${packet} start=${attempt.from} />`)}
        </li>`,
        )}</ol>`} />`;
}

/** A request and the reply that follows it; either may stand alone. */
export function inPairs(packets: readonly PacketInWords[]): PacketInWords[][] {
  const pairs: PacketInWords[][] = [];
  for (const packet of packets) {
    const last = pairs.at(-1);
    if (packet.direction === 'sent' && last?.length === 1 && last[0]?.direction === 'received')
      last.push(packet);
    else pairs.push([packet]);
  }
  return pairs;
}

function Packet({
  packet: { at, direction, message, lines },
  start,
}: {
  packet: PacketInWords;
  start: number;
}): Child {
  return html`<article class=${`packet ${direction}`}>
    <h3>${direction === 'received' ? '→' : '←'} ${message} <span class="none">${direction}, ${offset(at - start)}</span></h3>
    <ul>${lines.map((line, index) => html`<li key=${index}>${plain(line)}</li>`)}</ul>
  </article>`;
}
