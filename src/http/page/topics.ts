import { useEffect, useReducer } from './preact.js';

/**
 * Who draws what: a view draws again when a topic that it shows was touched. Touches are gathered and told once a frame, so that any
 * number of events costs one drawing.
 */
const listeners = new Map<string, Set<() => void>>();
const touched = new Set<string>();
let scheduled = false;

export function touch(topic: string): void {
  touched.add(topic);
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    const topics = [...touched];
    touched.clear();
    for (const each of topics) for (const listener of [...(listeners.get(each) ?? [])]) listener();
  });
}

export function listen(topic: string, listener: () => void): () => void {
  const all = listeners.get(topic) ?? new Set();
  listeners.set(topic, all.add(listener));
  return () => {
    all.delete(listener);
    if (all.size === 0) listeners.delete(topic);
  };
}

/** Draws the calling view again when the topic was touched, at most once in `pause` milliseconds. */
export function useTopic(topic: string, pause = 0): void {
  const [, again] = useReducer<number, undefined>((count) => count + 1, 0);
  useEffect(() => {
    const paced =
      pause > 0 ? pacing(() => again(undefined), pause) : { call: () => again(undefined), stop() {} };
    const stop = listen(topic, paced.call);
    return () => {
      stop();
      paced.stop();
    };
  }, [topic, pause]);
}

/** Calls at once, then at most once in `pause` milliseconds; the last call is never lost. */
export function pacing(action: () => void, pause: number): { call: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wanted = false;
  const call = () => {
    if (timer !== undefined) {
      wanted = true;
      return;
    }
    action();
    timer = setTimeout(() => {
      timer = undefined;
      if (!wanted) return;
      wanted = false;
      call();
    }, pause);
  };
  return { call, stop: () => clearTimeout(timer) };
}
