import { serverNow } from './clock.ts';
import { clockTime, plain } from './format.ts';
import { live, type Numbered } from './live.ts';
import { memo } from './memo.ts';
import { Title } from './parts.ts';
import { type Child, html, useLayoutEffect, useRef, useState } from './preact.js';
import { machineLink } from './route.ts';
import { useTopic } from './topics.ts';

const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
const LEVEL_WORDS = { error: 'errors', warn: 'warnings', info: 'info', debug: 'everything' };
const SERVICES = ['', 'dhcp', 'tftp', 'http'] as const;
/** So many lines are drawn; filters look through all that are kept. */
const DRAWN = 500;
/** Nearer than this to its end, the log is followed. */
const NEAR_PX = 24;

interface Filter {
  readonly level: string;
  readonly service: string;
  readonly text: string;
}

let kept: Filter = { level: 'info', service: '', text: '' };

/** The end of the log, as it grows. It is followed only when its end is what is seen. */
export function LogView(): Child {
  useTopic('log', 200);
  const [filter, setFilter] = useState(kept);
  kept = filter;
  const [paused, setPaused] = useState<readonly Numbered[] | undefined>(undefined);
  const lines = (paused ?? live.log).filter((line) => passes(line, filter)).slice(-DRAWN);
  const set = (change: Partial<Filter>) => setFilter({ ...filter, ...change });
  const fresh = paused ? (live.log.at(-1)?.number ?? 0) - (paused.at(-1)?.number ?? 0) : 0;
  return html`<div class="view log-view"><${Title}>Log<//>
    <div class="bar">
      <label>Level <select value=${filter.level} onChange=${(event: Event) => set({ level: (event.target as HTMLSelectElement).value })}>
        ${LEVELS.map((level) => html`<option key=${level} value=${level}>${LEVEL_WORDS[level]}</option>`)}</select></label>
      <label>Service <select value=${filter.service} onChange=${(event: Event) => set({ service: (event.target as HTMLSelectElement).value })}>
        ${SERVICES.map((service) => html`<option key=${service} value=${service}>${service || 'all'}</option>`)}</select></label>
      <label class="search"><span class="hidden">Machine or text</span>
        <input type="search" placeholder="Machine or text…" value=${filter.text} autocomplete="off" spellcheck=${false}
          onInput=${(event: InputEvent) => set({ text: (event.target as HTMLInputElement).value })} /></label>
      <button type="button" aria-pressed=${paused !== undefined} onClick=${() => setPaused(paused ? undefined : [...live.log])}>
        ${paused ? `Go on${fresh > 0 ? ` (${fresh} new)` : ''}` : 'Pause'}</button>
    </div>
    <${Tail} lines=${lines} /></div>`;
}

function passes({ level, service, mac, text }: Numbered, filter: Filter): boolean {
  if (LEVELS.indexOf(level) > LEVELS.indexOf(filter.level as (typeof LEVELS)[number])) return false;
  if (filter.service && service !== filter.service) return false;
  const wanted = filter.text.trim().toLowerCase();
  if (!wanted) return true;
  const host = mac ? (live.machines.get(mac)?.hostName ?? '') : '';
  return [text, mac ?? '', host].some((part) => part.toLowerCase().includes(wanted));
}

function Tail({ lines }: { lines: readonly Numbered[] }): Child {
  const box = useRef<HTMLElement | null>(null);
  const [away, setAway] = useState(false);
  const toEnd = () => box.current?.scrollTo({ top: box.current.scrollHeight });
  useLayoutEffect(() => {
    if (!away) toEnd();
    return undefined;
  });
  const scrolled = () => {
    const { scrollHeight, scrollTop, clientHeight } = box.current!;
    setAway(scrollHeight - scrollTop - clientHeight > NEAR_PX);
  };
  return html`<div class="tail-box">
    <ol class="tail" ref=${box} tabindex="0" role="log" aria-live="off" aria-label="Log lines" onScroll=${scrolled}>
      ${lines.length === 0 && html`<li class="none">No line passes the filter.</li>`}
      ${lines.map((line) => html`<${Line} key=${line.number} line=${line} />`)}</ol>
    ${away && html`<button type="button" class="to-end" onClick=${toEnd}>↓ To the end</button>`}</div>`;
}

const Line = memo(
  ({ line: { at, level, service, mac, text } }: { line: Numbered }): Child => html`<li class=${level}>
    <time>${clockTime(at, serverNow())}</time> <span class="level">${level}</span> <span class="service">${service}</span>
    <span class="text">${mac && html`<a href=${machineLink(mac)}>${mac}</a> `}${plain(text)}</span></li>`,
);
