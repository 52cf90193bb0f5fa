/** iPXE's script reader in small, after src/image/script.c and src/core/exec.c: what it makes of a text. */
export interface Line {
  readonly label: string | undefined;
  /** Commands of the line, each with the token that ends it. */
  readonly commands: readonly { readonly argv: readonly string[]; readonly end: string | undefined }[];
}

const SPACE = /[ \t\n\v\f\r]+/;
const ENDS = ['||', '&&', ';'];

export function readScript(text: string): Line[] {
  if (!/^#!ipxe\s/.test(text)) throw new Error('not a script');
  const lines = text.replace(/\r?\n/g, '\n').replace(/\\\n/g, '').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map(readLine);
}

function readLine(line: string): Line {
  const label = /^\s*:(\S*)/.exec(line);
  const rest = label ? line.slice(label[0].length) : line;
  const commands: { argv: string[]; end: string | undefined }[] = [];
  let tokens = rest.split(SPACE).filter((token) => token.length > 0);
  for (;;) {
    const at = tokens.findIndex((token) => ENDS.includes(token) || token.startsWith('#'));
    const comment = at >= 0 && tokens[at]!.startsWith('#');
    const argv = (at < 0 ? tokens : tokens.slice(0, at)).map(expand);
    const end = at < 0 || comment ? undefined : tokens[at];
    if (argv.length > 0 || end !== undefined) commands.push({ argv, end });
    if (end === undefined) return { label: label?.[1], commands };
    tokens = tokens.slice(at + 1);
  }
}

/** Settings of which the model knows nothing stay as they are, so that tests can see them. */
function expand(token: string): string {
  return token.replaceAll('${remoteboot-nothing}', '');
}
