/**
 * One line of an iPXE script, as iPXE's own reader takes it (src/core/exec.c, src/image/script.c):
 *
 *   line ──split at whitespace──▶ tokens ──cut at `||` `&&` `;` and `#…`──▶ commands ──expand ${settings}──▶ arguments
 *
 * There is no quoting. What a token means is decided before settings are expanded, so a token that starts with a
 * setting that nobody sets (which expands to nothing) is never a separator and never a comment.
 */
const GUARD = '${remoteboot-nothing}';

/** Whitespace and control characters: none of them can stand inside an argument. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const SEPARATORS = /[\u0000-\u0020\u007f]+/;

/** Text → the arguments that iPXE would make of it; runs of whitespace and control characters only separate. */
export function splitArguments(text: string): string[] {
  return text.split(SEPARATORS).filter((argument) => argument.length > 0);
}

const SEPARATOR_TOKENS = new Set(['||', '&&', ';']);

/** An argument → the token that iPXE reads as this argument and as nothing else. */
export function token(argument: string): string {
  return SEPARATOR_TOKENS.has(argument) || argument.startsWith('#') ? `${GUARD}${argument}` : argument;
}

/**
 * A command with its arguments, each taken as it is; `${…}` in them is expanded by the machine.
 * A backslash at the very end would join the next line, hence the guard after it.
 */
export function command(name: string, ...text: readonly string[]): string {
  const line = [name, ...text.flatMap(splitArguments).map(token)].join(' ');
  return line.endsWith('\\') ? `${line}${GUARD}` : line;
}

/** The command; where it fails, `instead`, or nothing. */
export function orElse(line: string, instead = ''): string {
  return `${line} || ${instead}`.trimEnd();
}
