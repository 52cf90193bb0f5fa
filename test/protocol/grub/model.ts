/** GRUB's script lexer in small, after grub-core/script/yylex.l: what it makes of one line of simple commands. */
export type Token = { readonly word: string } | { readonly end: string };

const ENDS = ['||', '&&', ';;', '|', '&', ';', '<', '>', '{', '}'];

/** Variables come out as `<name>`. @throws Error where GRUB would say "syntax error" or wait for more lines. */
export function readLine(line: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < line.length; ) {
    if (/[ \t]/.test(line[at]!)) {
      at += 1;
      continue;
    }
    if (line[at] === '#') break;
    const end = ENDS.find((candidate) => line.startsWith(candidate, at));
    if (end) {
      tokens.push({ end });
      at += end.length;
      continue;
    }
    const { word, next } = readWord(line, at);
    tokens.push({ word });
    at = next;
  }
  return tokens;
}

const VARIABLE = /^\$(?:\{(\w+)\}|(\w+))/;

function readWord(line: string, start: number): { word: string; next: number } {
  let word = '';
  let at = start;
  while (at < line.length && !/[{}|&;<> \t\n]/.test(line[at]!)) {
    const rest = line.slice(at);
    if (rest[0] === "'") {
      const close = rest.indexOf("'", 1);
      if (close < 0) throw new Error('an open single quote');
      word += rest.slice(1, close);
      at += close + 1;
    } else if (rest[0] === '"') {
      const { inside, length } = doubleQuoted(rest);
      word += inside;
      at += length;
    } else if (rest[0] === '\\') {
      if (rest.length < 2) throw new Error('a backslash at the end joins the next line');
      word += rest[1];
      at += 2;
    } else if (rest[0] === '$') {
      const [whole, ...names] = VARIABLE.exec(rest) ?? [];
      if (!whole) throw new Error('a dollar without a name');
      word += `<${names.join('')}>`;
      at += whole.length;
    } else {
      word += rest[0];
      at += 1;
    }
  }
  return { word, next: at };
}

function doubleQuoted(rest: string): { inside: string; length: number } {
  let inside = '';
  for (let at = 1; at < rest.length; at++) {
    if (rest[at] === '"') return { inside, length: at + 1 };
    const [whole, ...names] = VARIABLE.exec(rest.slice(at)) ?? [];
    if (whole) {
      inside += `<${names.join('')}>`;
      at += whole.length - 1;
    } else if (rest[at] === '\\' && '$\\"'.includes(rest[at + 1] ?? ' ')) {
      inside += rest[++at];
    } else inside += rest[at];
  }
  throw new Error('an open double quote');
}
