/**
 * What the page uses of preact and htm: the standalone file of the `htm` package, served as /page/preact.js. It comes without types of its own.
 */
export interface VNode {
  readonly type: unknown;
  readonly key: unknown;
}

export type Child = VNode | string | number | boolean | null | undefined | readonly Child[];
export type View<P> = (props: P) => Child;

export class Component<P = object, S = object> {
  constructor(props: P);
  readonly props: P;
  readonly state: S;
  setState(change: Partial<S>): void;
  shouldComponentUpdate?(next: P): boolean;
  render(props: P): Child;
}

export function html(strings: TemplateStringsArray, ...values: unknown[]): VNode;
export function render(what: Child, into: Element): void;
export function useState<T>(first: T | (() => T)): [T, (next: T | ((before: T) => T)) => void];
export function useReducer<S, A>(step: (state: S, action: A) => S, first: S): [S, (action: A) => void];
/** Inputs left out: after every drawing. */
export function useEffect(effect: () => undefined | (() => void), inputs?: readonly unknown[]): void;
export function useLayoutEffect(effect: () => undefined | (() => void), inputs?: readonly unknown[]): void;
export function useRef<T>(first: T): { current: T };
export function useMemo<T>(make: () => T, inputs: readonly unknown[]): T;
export function useCallback<T>(callback: T, inputs: readonly unknown[]): T;
