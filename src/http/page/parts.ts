import { ApiError } from './api.ts';
import { serverNow, useTicking } from './clock.ts';
import { ago, clockTime, plain } from './format.ts';
import { type Child, html, useLayoutEffect, useRef } from './preact.js';
import { hasMoved } from './route.ts';

/** Small parts that several views are made of. */

/** "5 min ago", with the time itself as its title. */
export function Ago({ at }: { at: number }): Child {
  const text = useTicking((now) => ago(at, now));
  return html`<time dateTime=${new Date(at).toISOString()} title=${clockTime(at, serverNow())}>${text}</time>`;
}

/** The time of day; the day too where it is not today. */
export function At({ at }: { at: number }): Child {
  return html`<time dateTime=${new Date(at).toISOString()}>${clockTime(at, serverNow())}</time>`;
}

/** A name that came from the network or a file: isolated, so that its script's direction stays inside. */
export function Name({ text }: { text: string }): Child {
  return html`<bdi>${plain(text)}</bdi>`;
}

/** What the API refused, and what to do about it. */
export function Trouble({ error }: { error: unknown }): Child {
  const known = error instanceof ApiError;
  const text = error instanceof Error ? error.message : String(error);
  return html`<p class="trouble" role="alert"><strong>${plain(text)}</strong> ${known ? plain(error.remedy) : ''}</p>`;
}

/** A view's heading. Who came by a link goes on from here with keyboard and screen reader. */
export function Title({ children }: { children?: Child }): Child {
  const heading = useRef<HTMLElement | null>(null);
  useLayoutEffect(() => {
    if (hasMoved()) heading.current?.focus({ preventScroll: true });
    return undefined;
  }, []);
  return html`<h1 tabindex="-1" ref=${heading}>${children}</h1>`;
}
