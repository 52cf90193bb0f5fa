import { printable, wrap } from '../ipxe/screen.ts';

/**
 * A word of a GRUB script, as GRUB's own lexer takes it (grub-core/script/yylex.l): inside single quotes every character stands for itself,
 * and only a single quote ends them; `$ ; | & < > { } # *`, quotes, blanks and reserved words have a meaning outside of quotes.
 */
export function quote(text: string): string {
  const printed = text.replace(CONTROLS, '?');
  if (PLAIN.test(printed) && !RESERVED.has(printed)) return printed;
  return `'${printed.replaceAll("'", "'\\''")}'`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f]/g;
const PLAIN = /^[\w./:=,+@%-]+$/;
const RESERVED: ReadonlySet<string> = new Set(
  'case do done elif else esac fi for if in select then until while function menuentry time'.split(' '),
);

/** A file of the device that GRUB itself was loaded from. */
export function filePath(name: string): string {
  return quote(`/${name}`);
}

/** `echo` commands that show a paragraph in lines that fit the screen; `''` gives an empty line. */
export function say(paragraph: string): string[] {
  if (paragraph === '') return ['echo'];
  return wrap(printable(paragraph)).map((line) => `echo ${quote(line.replace(/^-/, ' -'))}`);
}
