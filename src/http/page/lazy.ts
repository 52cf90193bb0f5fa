import { Title, Trouble } from './parts.ts';
import { type Child, html, useEffect, useState, type View } from './preact.js';

/** A view that is fetched when it is first looked at: the page's first load stays small. */
export function lazy<P extends object>(load: () => Promise<View<P>>): View<P> {
  let kept: View<P> | undefined;
  return (props: P): Child => {
    const [state, setState] = useState<{ error?: unknown }>({});
    useEffect(() => {
      if (kept) return undefined;
      let gone = false;
      load().then(
        (view) => {
          kept = view;
          if (!gone) setState({});
        },
        (error: unknown) => !gone && setState({ error }),
      );
      return () => {
        gone = true;
      };
    }, []);
    if (kept) return html`<${kept} ...${props} />`;
    return state.error === undefined
      ? html`<${Title}>Loading…<//>`
      : html`<${Trouble} error=${state.error} />`;
  };
}
