import type { Readable } from 'node:stream';

/** The lines of a serial console as a log can show them, each as it stands in the end; empty ones are left out. */
export async function* consoleLines(stream: Readable): AsyncGenerator<string> {
  let partial = '';
  stream.setEncoding('latin1');
  for await (const text of stream) {
    const parts = (partial + text).split('\n');
    partial = parts.pop() ?? '';
    for (const part of parts) {
      const line = asItStands(part);
      if (line !== '') yield line;
    }
  }
}

/** A line with what its carriage returns and backspaces wrote over; without escape sequences and other control characters. */
export function asItStands(raw: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: firmware consoles are full of them.
  const text = raw.replace(/\x1b\[[0-9;?=]*[A-Za-z]|\x1b./g, '').replace(/[^\P{Cc}\r\b]/gu, '');
  const line: string[] = [];
  let column = 0;
  for (const character of text) {
    if (character === '\r') column = 0;
    else if (character === '\b') column = Math.max(0, column - 1);
    else line[column++] = character;
  }
  return line.join('').trimEnd();
}
