import { useEffect, useState } from './preact.js';

/** Where the page is: in the part after #, so that every view has an address and Back works. */
export type Route =
  | { readonly view: 'machines' | 'pool' | 'images' | 'log' | 'services' }
  | { readonly view: 'machine'; readonly mac: string; readonly attempt?: string }
  | { readonly view: 'help'; readonly code: string };

export function parseRoute(hash: string): Route {
  const [view = '', first, second] = hash.replace(/^#\/?/, '').split('/').map(decoded);
  switch (view) {
    case 'machines':
      if (!first) return { view: 'machines' };
      return { view: 'machine', mac: first, ...(second ? { attempt: second } : {}) };
    case 'help':
      return { view: 'help', code: first ?? '' };
    case 'pool':
    case 'images':
    case 'log':
    case 'services':
      return { view };
    default:
      return { view: 'machines' };
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function machineLink(mac: string, attempt?: string): string {
  return `#/machines/${encodeURIComponent(mac)}${attempt ? `/${encodeURIComponent(attempt)}` : ''}`;
}

let moved = false;

/** Whether another view was gone to since the page was opened. */
export function hasMoved(): boolean {
  return moved;
}

export function useRoute(): Route {
  const [hash, setHash] = useState(() => location.hash);
  useEffect(() => {
    const changed = () => {
      moved = true;
      setHash(location.hash);
    };
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return parseRoute(hash);
}
