import type { ImageFile, Images } from '../api/shapes.ts';
import { bytes, plain } from './format.ts';
import { Shown, useLoaded } from './loading.ts';
import { Ago, Title } from './parts.ts';
import { type Child, html } from './preact.js';

/** What there is to boot, and what of it machines get. */
export function ImagesView(): Child {
  const loaded = useLoaded<Images>('/api/images', ['images']);
  return html`<div class="view"><${Title}>Images<//>
    <${Shown} loaded=${loaded} show=${(images: Images) => html`
      <${Chosen} choice=${images.choice} />
      ${
        images.files.length > 0
          ? html`<${Files} files=${images.files} />`
          : html`<section class="empty"><h2>The folder is empty</h2>
            <p>Copy a kernel and its initrd into <code>images/</code>, such as <code>vmlinuz</code> and <code>initrd.img</code>. They are recognised by what is in them, whatever their names.</p></section>`
      }
      ${
        images.unreadable.length > 0 &&
        html`<section class="card"><h2>Cannot be read</h2>
        <ul>${images.unreadable.map(({ name, why }) => html`<li key=${name}><b><bdi>${plain(name)}</bdi></b> ${plain(why)}</li>`)}</ul></section>`
      }`} />
  </div>`;
}

function Chosen({ choice }: { choice: Images['choice'] }): Child {
  if (!choice.ready)
    return html`<section class="card diagnosis failed"><h2>Machines cannot boot yet</h2>
      <p class="cause">${plain(choice.reason)}</p><p class="remedy"><b>What to do</b> ${plain(choice.remedy)}</p></section>`;
  return html`<section class="card"><h2>Machines boot</h2>
    <p class="big">${plain(choice.summary)}</p>
    <dl class="choice">
      <dt>Kernel</dt><dd><bdi>${plain(choice.kernel)}</bdi></dd>
      <dt>Initrd</dt><dd>${choice.initrds.length > 0 ? choice.initrds.map(plain).join(', ') : html`<span class="none">none</span>`}</dd>
      <dt>Command line</dt><dd>${choice.cmdline ? html`<code>${plain(choice.cmdline)}</code>` : html`<span class="none">empty</span>`}</dd>
    </dl>
    ${choice.notes.map((note) => html`<p class="note" key=${note}>${plain(note)}</p>`)}</section>`;
}

function Files({ files }: { files: readonly ImageFile[] }): Child {
  return html`<table role="table" class="files" aria-label="Files">
    <thead role="rowgroup"><tr role="row">
      ${['File', 'What it is', 'Used as', 'Size', 'Changed'].map((title) => html`<th role="columnheader" key=${title}>${title}</th>`)}
    </tr></thead>
    <tbody role="rowgroup">${files.map(
      (file) => html`<tr role="row" key=${file.name}>
      <th role="rowheader" scope="row"><bdi>${plain(file.name)}</bdi>${file.packaged && html` <span class="tag">comes with the appliance</span>`}</th>
      <td role="cell">${plain(file.what)}</td>
      <td role="cell">${file.roles.length > 0 ? file.roles.map((role) => html`<span class="tag used" key=${role}>${role}</span>`) : html`<span class="none">not used</span>`}</td>
      <td role="cell" class="number">${bytes(file.size)}</td>
      <td role="cell"><${Ago} at=${file.modified} /></td>
    </tr>`,
    )}</tbody></table>`;
}
