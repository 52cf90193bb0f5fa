import { command } from './command.ts';

/** A text console has 80 columns; a full last one makes some firmware break the line twice. */
const COLUMNS = 78;

/** Text that iPXE prints as it is: what its screen or its parser would take for something else becomes `?`. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]|\$(?=\{)/gu, '?');
}

/** Words → lines of at most 78 columns; a longer word has a line of its own. */
export function wrap(text: string, columns = COLUMNS): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').filter((part) => part.length > 0)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

/** `echo` commands that show a paragraph; `''` gives an empty line. Settings in it are not expanded. */
export function say(paragraph: string): string[] {
  if (paragraph === '') return ['echo'];
  // A line that starts with a hyphen would be an option of echo.
  return wrap(printable(paragraph)).map((line) =>
    command('echo', line.startsWith('-') ? `-- ${line}` : line),
  );
}
