import type { Health, ServiceHealth } from '../api/shapes.ts';
import { plain } from './format.ts';
import { live } from './live.ts';
import { Ago, At, Title } from './parts.ts';
import { type Child, html } from './preact.js';
import { useTopic } from './topics.ts';

/** The three services, and whether all is well with them. */

const STATES: Record<ServiceHealth['state'], { word: string; sign: string; help: string }> = {
  running: { word: 'running', sign: '✓', help: '' },
  failing: { word: 'failing', sign: '!', help: 'It runs, and cannot do all of its work:' },
  missing: {
    word: 'not running',
    sign: '–',
    help: 'It was stopped, or never started. What it would do is not known here.',
  },
  silent: {
    word: 'gone',
    sign: '✕',
    help: 'It ran, and went without a word. docker compose ps and its log say why.',
  },
};

/** Without a connection nothing is known of them. */
function stateOf(service: ServiceHealth): { word: string; sign: string; class: string } {
  if (live.connection.state === 'lost') return { word: 'not known', sign: '?', class: 'unknown' };
  return { ...STATES[service.state], class: service.state };
}

/** In the head of the page: three lights, with words for whoever does not see colours. */
export function Lights(): Child {
  useTopic('health');
  useTopic('connection');
  if (!live.health) return null;
  return html`<ul class="lights" aria-label="Services">${live.health.services.map((service) => {
    const { word, sign, class: kind } = stateOf(service);
    return html`<li key=${service.service} class=${kind}><a href="#/services" title=${`${service.service} ${word}`}>
      <i aria-hidden="true">${sign}</i>${service.service}<span class="hidden"> ${word}</span></a></li>`;
  })}</ul>`;
}

export function ServicesView(): Child {
  useTopic('health');
  useTopic('appliance');
  useTopic('connection');
  const { health, appliance } = live;
  return html`<div class="view"><${Title}>Services<//>
    ${!health && html`<p class="none">Nothing is known of them yet.</p>`}
    ${
      health &&
      html`<div class="services">${health.services.map((service) => html`<${Service} key=${service.service} service=${service} />`)}</div>
      ${health.journal.length > 0 && html`<${Journal} problems=${health.journal} />`}`
    }
    ${
      appliance &&
      html`<section class="card"><h2>This appliance</h2><dl class="choice">
      <dt>Adapter</dt><dd>${plain(appliance.adapter.name)}, ${appliance.adapter.address} in ${appliance.adapter.subnet}</dd>
      <dt>Mode</dt><dd>${MODES[appliance.mode]}</dd>
      <dt>Advertised</dt><dd>dhcp ${appliance.addresses.dhcp}, tftp ${appliance.addresses.tftp}, http ${appliance.addresses.http}:${appliance.httpPort}</dd>
      <dt>Version</dt><dd>${plain(appliance.version)}</dd>
    </dl></section>`
    }</div>`;
}

const MODES = {
  server: 'server: gives addresses and boot files',
  proxy: 'proxy: another DHCP server gives the addresses',
  auto: 'auto: not known yet which',
};

function Service({ service }: { service: ServiceHealth }): Child {
  const { word, sign, class: kind } = stateOf(service);
  const { state, problems, since, seen } = service;
  return html`<section class=${`card service-card ${kind}`}>
    <h2><i class="light" aria-hidden="true">${sign}</i>${service.service} <span class="state">${word}</span></h2>
    ${since !== undefined && html`<p class="sub">Started <${Ago} at=${since} />, <${At} at=${since} /></p>`}
    ${state !== 'running' && html`<p class="sub">${seen === undefined ? 'Never seen' : html`Last seen <${Ago} at=${seen} />`}</p>`}
    ${STATES[state].help && html`<p>${STATES[state].help}</p>`}
    ${problems.length > 0 && html`<ul class="problems">${problems.map((problem) => html`<li key=${problem}>${plain(problem)}</li>`)}</ul>`}
  </section>`;
}

function Journal({ problems }: { problems: Health['journal'] }): Child {
  return html`<section class="card diagnosis suspect"><h2>The journal has trouble</h2>
    <ul class="problems">${problems.map((problem) => html`<li key=${problem}>${plain(problem)}</li>`)}</ul>
    <p>What this page shows may lag or have holes. Boots are not affected.</p></section>`;
}
