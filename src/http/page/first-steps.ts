import type { Appliance, Images } from '../api/shapes.ts';
import { get } from './api.ts';
import { live } from './live.ts';
import { type Child, html, useEffect, useState } from './preact.js';
import { useTopic } from './topics.ts';

/** No machine has asked yet: what to do, told from what this appliance serves. */
export function Waiting(): Child {
  useTopic('appliance');
  useTopic('images');
  const [images, setImages] = useState<Images | undefined>(undefined);
  useEffect(() => {
    get<Images>('/api/images').then(setImages, () => setImages(undefined));
    return undefined;
  }, []);
  const { appliance } = live;
  return html`<section class="empty">
    <h2>No machine has asked for anything yet</h2>
    ${
      images &&
      !images.choice.ready &&
      html`<p class="notice"><strong>${images.choice.reason}.</strong> ${images.choice.remedy}.
      <a href="#/images">See the images</a></p>`
    }
    ${images?.choice.ready && html`<p>Ready to boot: ${images.choice.summary}</p>`}
    ${appliance && html`<${HowTo} appliance=${appliance} />`}
  </section>`;
}

function HowTo({ appliance: { adapter, mode } }: { appliance: Appliance }): Child {
  const isolated = adapter.name === 'remoteboot0';
  return html`<ol class="how">
    ${
      isolated
        ? html`<li>Start a virtual machine on the bridge <code>remoteboot0</code>, which no cable leads to:
          <pre><code>qemu-system-x86_64 -m 2048 -boot n -nic bridge,br=remoteboot0,model=virtio-net-pci</code></pre></li>
          <li>Or set <code>ADAPTER</code> in <code>.env</code> to a network card, and restart.</li>`
        : html`<li>Connect a machine to the network at <code>${adapter.name}</code> (${adapter.subnet}).</li>
          <li>Switch it on and choose network boot: F12 on most, or PXE first in its firmware's boot order.</li>`
    }
    ${mode === 'proxy' && html`<li>Addresses come from the network's own DHCP server; boot files from here.</li>`}
    <li>It appears here with its first request. Nothing after a minute? <a href="#/log">The log</a> shows all that arrives.</li>
  </ol>`;
}
