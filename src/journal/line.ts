export type Level = 'error' | 'warn' | 'info' | 'debug';

/** An event as a person reads it. The machine's MAC is added by the log, so texts leave it out. */
export interface Line {
  readonly level: Level;
  readonly text: string;
  /**
   * Further lines below it. Line breaks inside a text are escaped by the log: names from the network cannot forge lines. As a function it is
   * called only when the line is printed.
   */
  readonly more?: readonly string[] | (() => readonly string[]);
}

/** One function per kind of event: a new event without a text does not compile. */
export type Texts<E extends { kind: string }> = {
  readonly [K in E['kind']]: (event: Extract<E, { kind: K }>) => Line;
};

export const error = (text: string): Line => ({ level: 'error', text });
export const warn = (text: string): Line => ({ level: 'warn', text });
export const info = (text: string): Line => ({ level: 'info', text });
export const debug = (text: string): Line => ({ level: 'debug', text });
