/** What parts one command of a line from the next: whether that runs where this one failed, where it succeeded, or always. */
export type Connector = '||' | '&&' | ';';

export interface LineCommand {
  /** The command's name and arguments, settings in them not expanded; empty where there is nothing between two connectors. */
  readonly words: readonly string[];
  /** undefined at the end of the line. */
  readonly next: Connector | undefined;
}

/** C's isspace: to iPXE a no-break space or a line separator of Unicode is a letter like any other. */
const WHITESPACE = /[ \t\n\v\f\r]+/;

/** A line of a script, as iPXE splits it (src/core/exec.c): words at whitespace, comments from a word that starts with `#`. */
export function readLine(line: string): LineCommand[] {
  const tokens = line.split(WHITESPACE).filter((token) => token !== '');
  const comment = tokens.findIndex((token) => token.startsWith('#'));
  const commands: LineCommand[] = [];
  let words: string[] = [];
  for (const token of comment < 0 ? tokens : tokens.slice(0, comment)) {
    if (token === '||' || token === '&&' || token === ';') {
      commands.push({ words, next: token });
      words = [];
    } else words.push(token);
  }
  return [...commands, { words, next: undefined }];
}

/** Lines of a script; a backslash at the end joins the next one (src/image/script.c). Numbered from 1, joined ones by their first. */
export function readLines(script: string): { number: number; text: string }[] {
  const lines: { number: number; text: string }[] = [];
  let open = false;
  for (const [index, raw] of script.split('\n').entries()) {
    const text = raw.replace(/\r$/, '');
    const joins = text.endsWith('\\');
    const part = joins ? text.slice(0, -1) : text;
    if (open) lines.at(-1)!.text += part;
    else lines.push({ number: index + 1, text: part });
    open = joins;
  }
  return lines;
}
