import { get } from './api.ts';
import { Trouble } from './parts.ts';
import { type Child, html, useEffect, useState } from './preact.js';
import { listen, pacing } from './topics.ts';

/** What the API last answered, and why it did not. The last answer stays when a later call fails. */
export interface Loaded<T> {
  readonly value?: T;
  readonly error?: unknown;
  readonly again: () => void;
}

/** Loads at once, after each of the topics (at most once in `pause` milliseconds), and after the connection was lost and found. */
export function useLoaded<T>(path: string, topics: readonly string[], pause = 1000): Loaded<T> {
  const [state, setState] = useState<{ path: string; value?: T; error?: unknown }>({ path });
  const [load, setLoad] = useState<() => void>(() => () => undefined);
  useEffect(() => {
    const gone = new AbortController();
    const once = async () => {
      try {
        const value = await get<T>(path, gone.signal);
        if (!gone.signal.aborted) setState({ path, value });
      } catch (error) {
        if (gone.signal.aborted) return;
        setState((before) => (before.path === path ? { ...before, error } : { path, error }));
      }
    };
    const paced = pacing(() => void once(), pause);
    const stops = [...topics, 'reloaded'].map((topic) => listen(topic, paced.call));
    setLoad(() => paced.call);
    paced.call();
    return () => {
      gone.abort();
      paced.stop();
      for (const stop of stops) stop();
    };
  }, [path, topics.join()]);
  return state.path === path ? { ...state, again: load } : { again: load };
}

/** What is loaded, or what there is to say as long as it is not. */
export function Shown<T>({ loaded, show }: { loaded: Loaded<T>; show: (value: T) => Child }): Child {
  const { value, error } = loaded;
  return html`${error !== undefined && html`<${Trouble} error=${error} />`}
    ${value !== undefined ? show(value) : error === undefined && html`<p class="none">Loading…</p>`}`;
}
