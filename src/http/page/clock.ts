import { useEffect, useState } from './preact.js';

/** The server's time: a viewer's clock that is wrong must not make a boot of now one of tomorrow. */
let ahead = 0;

/** @param date the Date header of an answer, which knows whole seconds. */
export function learnTime(date: string | null): void {
  const at = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(at)) return;
  const difference = at + 500 - Date.now();
  ahead = Math.abs(difference) > 2000 ? difference : 0;
}

export function serverNow(): number {
  return Date.now() + ahead;
}

const ticking = new Set<() => void>();
setInterval(() => {
  for (const tick of ticking) tick();
}, 1000);

/** A text that depends on the time; its view is drawn again only when the text becomes another one. */
export function useTicking(text: (now: number) => string): string {
  const [shown, show] = useState('');
  const current = text(serverNow());
  useEffect(() => {
    const tick = () => show(text(serverNow()));
    ticking.add(tick);
    return () => {
      ticking.delete(tick);
    };
  });
  void shown;
  return current;
}
