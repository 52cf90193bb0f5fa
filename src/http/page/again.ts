/**
 * A classic script of its own, ahead of all that may fail. A browser cuts off what it is loading when an adapter of its host
 * changes (ERR_NETWORK_CHANGED), and a page that lacks a module stays blank for good: it is loaded again.
 */
addEventListener(
  'error',
  ({ target }) => {
    const part = target instanceof HTMLScriptElement || target instanceof HTMLLinkElement;
    if (part) setTimeout(again, 1000);
  },
  { capture: true, once: true },
);

async function again(): Promise<void> {
  const page = document.querySelector('#page');
  if (page && !page.querySelector('main'))
    page.textContent = 'Parts of this page could not be loaded. Trying again…';
  // Not before the server answers: a browser's own page for what it cannot reach does not come back by itself.
  const { ok } = await fetch('/page/main.ts', { cache: 'no-store' }).catch(() => ({ ok: false }));
  if (ok) location.reload();
  else setTimeout(again, 1000);
}
