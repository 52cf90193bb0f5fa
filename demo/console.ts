import type { Readable } from 'node:stream';

/**
 * The lines of a serial console, for a log: without what moves the cursor or clears the screen, without empty lines. Where a line was
 * written over, as progress is, its last state is what stands.
 */
export async function* consoleLines(stream: Readable): AsyncGenerator<string> {
  let partial = '';
  stream.setEncoding('latin1');
  for await (const text of stream) {
    const parts = (partial + text).split('\n');
    partial = parts.pop() ?? '';
    for (const part of parts) {
      const line = cleanLine(part);
      if (line !== '') yield line;
    }
  }
}

/** One line of it, without its newline. */
export function cleanLine(raw: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: firmware consoles are full of them.
  const text = raw.replace(/\x1b\[[0-9;?=]*[A-Za-z]|\x1b./g, '').replace(/\r+$/, '');
  return overwritten(text)
    .replace(/\p{Cc}/gu, '')
    .trimEnd();
}

function overwritten(text: string): string {
  return text.split('\r').findLast((part) => part.trim() !== '') ?? '';
}
