import { Announcements } from './announcements.ts';
import { serverNow, useTicking } from './clock.ts';
import { ago, clockTime } from './format.ts';
import { lazy } from './lazy.ts';
import { follow, live } from './live.ts';
import { MachineView } from './machine-view.ts';
import { MachinesView } from './machines-view.ts';
import { type Child, html, render, useEffect, useRef } from './preact.js';
import { type Route, useRoute } from './route.ts';
import { Lights, ServicesView } from './services-view.ts';
import { useTopic } from './topics.ts';

/** The page: its head, which stays, and the view that the address names. */

const PoolView = lazy(() => import('./pool-view.ts').then(({ PoolView }) => PoolView));
const ImagesView = lazy(() => import('./images-view.ts').then(({ ImagesView }) => ImagesView));
const LogView = lazy(() => import('./log-view.ts').then(({ LogView }) => LogView));
const HelpView = lazy(() => import('./help-view.ts').then(({ HelpView }) => HelpView));

const VIEWS = {
  machines: 'Machines',
  pool: 'Pool',
  images: 'Images',
  log: 'Log',
  services: 'Services',
} as const;

function Page(): Child {
  const route = useRoute();
  const shown = JSON.stringify(route.view === 'machine' ? { view: route.view, mac: route.mac } : route);
  const before = useRef(shown);
  useEffect(() => {
    document.title = `${titleOf(route)} · remoteboot`;
    if (before.current === shown) return undefined;
    before.current = shown;
    scrollTo(0, 0);
    return undefined;
  }, [shown]);
  return html`<a class="skip" href="#main" onClick=${skip}>Skip to content</a>
    <header class="head">
      <a class="brand" href="#/machines"><img src="/page/icon.svg" alt="" width="24" height="24" />remoteboot</a>
      <${Where} />
      <nav aria-label="Views"><ul>${Object.entries(VIEWS).map(
        ([view, title]) => html`<li key=${view}>
        <a href=${`#/${view}`} aria-current=${isAt(route, view) ? 'page' : undefined}>${title}</a></li>`,
      )}</ul></nav>
      <${Lights} />
    </header>
    <${Connection} />
    <main id="main" tabindex="-1"><${View} key=${shown} route=${route} /></main>
    <${Announcements} />`;
}

function View({ route }: { route: Route }): Child {
  switch (route.view) {
    case 'machine':
      return html`<${MachineView} mac=${route.mac} attempt=${route.attempt} />`;
    case 'pool':
      return html`<${PoolView} />`;
    case 'images':
      return html`<${ImagesView} />`;
    case 'log':
      return html`<${LogView} />`;
    case 'services':
      return html`<${ServicesView} />`;
    case 'help':
      return html`<${HelpView} code=${route.code} />`;
    default:
      return html`<${MachinesView} />`;
  }
}

function titleOf(route: Route): string {
  if (route.view === 'machine') return route.mac;
  return route.view === 'help' ? 'Troubleshooting' : VIEWS[route.view];
}

function isAt(route: Route, view: string): boolean {
  return route.view === view || (route.view === 'machine' && view === 'machines');
}

function skip(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('main')?.focus();
}

function Where(): Child {
  useTopic('appliance');
  const { appliance } = live;
  if (!appliance) return null;
  return html`<span class="where"><b>${appliance.adapter.name}</b> ${appliance.adapter.address}${appliance.mode === 'server' ? '' : ` · ${appliance.mode}`}</span>`;
}

/** Said at once when the server is gone: what is shown is then the past. */
function Connection(): Child {
  useTopic('connection');
  const { state, since } = live.connection;
  const text = useTicking((now) => `since ${clockTime(since, serverNow())} (${ago(since, now)})`);
  return html`<div class="connection" role="alert">${
    state === 'lost' &&
    html`<p class="lost"><b>Not connected</b> ${text}; showing the last known. Trying again…</p>`
  }</div>`;
}

follow();
render(html`<${Page} />`, document.querySelector('#page')!);
