import { type Child, Component, html, type View } from './preact.js';

/** A view that is drawn again only when one of its properties is another one, or a topic it uses was touched. */
export function memo<P extends object>(view: View<P>): View<P> {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const before = this.props as Record<string, unknown>;
      return Object.entries(next).some(([key, value]) => key !== 'children' && value !== before[key]);
    }

    override render(props: P): Child {
      return html`<${view} ...${props} />`;
    }
  }
  return Memo as unknown as View<P>;
}
