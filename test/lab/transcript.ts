import type { Readable } from 'node:stream';

/** What a program prints, line by line as it arrives, and a way to wait for a line. */
export class Transcript {
  readonly lines: string[] = [];
  readonly #name: string;
  readonly #beside: () => readonly string[];
  readonly #watchers = new Set<() => void>();
  #ended = false;

  /** `name` is what errors call the program; `beside` gives lines that may tell why it did not go on. */
  constructor(name: string, beside: () => readonly string[] = () => []) {
    this.#name = name;
    this.#beside = beside;
  }

  /** Follows streams of the program; escape sequences and carriage returns are taken out. */
  follow(...streams: readonly (Readable | null)[]): void {
    for (const stream of streams) {
      let partial = '';
      stream?.setEncoding('latin1').on('data', (text: string) => {
        const parts = (partial + text).split('\n');
        partial = parts.pop() ?? '';
        for (const part of parts) this.add(part);
      });
    }
  }

  add(line: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: firmware consoles are full of them.
    const clean = line.replace(/\x1b\[[0-9;?=]*[A-Za-z]|[\r\0]/g, '').trimEnd();
    if (clean === '') return;
    this.lines.push(clean);
    this.#wake();
  }

  /** The program is gone: nobody waits in vain. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** How many lines there are: give it to until() as `from` to wait for a new one. */
  get length(): number {
    return this.lines.length;
  }

  /**
   * The first match in lines since `from`.
   *
   * @throws Error when time is up, when a line matches `fail`, or when the program ended; with its last lines.
   */
  until(
    pattern: RegExp,
    wait: { seconds?: number; from?: number; fail?: RegExp } = {},
  ): Promise<RegExpExecArray> {
    const { seconds = 10, fail } = wait;
    let at = wait.from ?? 0;
    return new Promise((resolve, reject) => {
      const settle = (done: () => void) => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        done();
      };
      const refuse = (why: string) => settle(() => reject(new Error(this.#complaint(pattern, why))));
      const look = () => {
        for (; at < this.lines.length; at++) {
          const line = this.lines[at]!;
          const match = pattern.exec(line);
          if (match) return settle(() => resolve(match));
          if (fail?.test(line)) return refuse(`said: ${line}`);
        }
        if (this.#ended) refuse('ended');
      };
      const timer = setTimeout(() => refuse(`did not within ${seconds} s`), seconds * 1000);
      this.#watchers.add(look);
      look();
    });
  }

  #wake(): void {
    for (const look of [...this.#watchers]) look();
  }

  #complaint(pattern: RegExp, why: string): string {
    const last = [...this.lines.slice(-25), ...this.#beside()].map((line) => `    ${line}`);
    return [`${this.#name} was to print ${pattern}, but ${why}. Its last lines:`, ...last].join('\n');
  }
}
