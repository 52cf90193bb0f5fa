import { plain } from './format.ts';
import { type Block, blocksOf, sectionOf } from './markdown.ts';
import { Title } from './parts.ts';
import { type Child, html, useEffect, useState } from './preact.js';

/** A section of docs/troubleshooting.md, for who has no internet to read it elsewhere. */
export function HelpView({ code }: { code: string }): Child {
  const [blocks, setBlocks] = useState<readonly Block[] | undefined>(undefined);
  useEffect(() => {
    fetch('/page/troubleshooting.md')
      .then((response) => (response.ok ? response.text() : ''))
      .then((text) => setBlocks(blocksOf(sectionOf(text, code) ?? '')))
      .catch(() => setBlocks([]));
    return undefined;
  }, [code]);
  const [title, ...rest] = blocks ?? [];
  return html`<div class="view help">
    <p class="back"><a href="#/machines">← All machines</a></p>
    <${Title}>${inWords(title?.kind === 'heading' ? title.text : code)}<//>
    ${blocks?.length === 0 && html`<p>There is nothing more about this here. See docs/troubleshooting.md of remoteboot, section “${code}”.</p>`}
    ${rest.map((block, index) => html`<${Part} key=${index} block=${block} />`)}</div>`;
}

/** Sections are named by their codes: "no-loader" is "No loader" in words. */
function inWords(code: string): string {
  const words = /^[a-z-]+$/.test(code) ? code.replaceAll('-', ' ') : plain(code);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function Part({ block }: { block: Block }): Child {
  switch (block.kind) {
    case 'heading':
      return html`<h2><${Words} text=${block.text} /></h2>`;
    case 'list':
      return html`<ul>${block.items.map((item, index) => html`<li key=${index}><${Words} text=${item} /></li>`)}</ul>`;
    case 'code':
      return html`<pre tabindex="0">${block.text}</pre>`;
    case 'table':
      return html`<table><tbody>${block.rows.map((row, index) => html`<tr key=${index}>${row.map((cell, at) => html`<td key=${at}><${Words} text=${cell} /></td>`)}</tr>`)}</tbody></table>`;
    default:
      return html`<p><${Words} text=${block.text} /></p>`;
  }
}

/** Code in backticks and **strong** words; links become their texts. */
function Words({ text }: { text: string }): Child {
  const parts = text.replace(/\[([^\]]+)\]\([^)]*\)/g, '$1').split(/(`[^`]+`|\*\*[^*]+\*\*)/);
  return html`${parts.map((part) => {
    if (part.startsWith('`')) return html`<code>${part.slice(1, -1)}</code>`;
    return part.startsWith('**') ? html`<b>${part.slice(2, -2)}</b>` : part;
  })}`;
}
