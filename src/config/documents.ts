import { type VariableName, variables } from './variables.ts';

/** The texts that are made from the declaration of the variables, so that they cannot lag behind it. */

const WIDTH = 100;

const HEAD = `# Settings of remoteboot. Copy to .env and set what you need: everything has a default.
# Single quotes keep $ and # as they are: CMDLINE='root=/dev/nfs ip=dhcp'
`;

const entries = Object.entries(variables) as [VariableName, (typeof variables)[VariableName]][];

/** The text of .env.example: sections with banners, every value commented out. */
export function envExample(): string {
  const sections = Map.groupBy(entries, ([, { section }]) => section);
  const blocks = [...sections].map(
    ([section, members]) => `${banner(section)}\n\n${members.map(block).join('\n\n')}\n`,
  );
  return [HEAD, ...blocks].join('\n');
}

function banner(section: string): string {
  return `# ── ${section} ${'─'.repeat(WIDTH - section.length - 6)}`;
}

function block([name, { spec, otherwise }]: (typeof entries)[number]): string {
  const fallback = otherwise === spec.example ? '' : `# Default: ${otherwise}.\n`;
  return `# ${spec.desc}\n${fallback}# ${name}=${spec.example}`;
}

export const TABLE_MARKS = ['<!-- variables -->', '<!-- /variables -->'] as const;

/** The README's table, marks included. */
export function variableTable(): string {
  const rows = entries.map(([name, { spec, otherwise }]) => `| \`${name}\` | ${otherwise} | ${spec.desc} |`);
  return [
    TABLE_MARKS[0],
    '| variable | default | what it is |',
    '| --- | --- | --- |',
    ...rows,
    TABLE_MARKS[1],
  ].join('\n');
}

/** A document with its table replaced by the current one; unchanged where it has no marks. */
export function withTable(document: string): string {
  const [from, to] = TABLE_MARKS.map((mark) => document.indexOf(mark)) as [number, number];
  if (from < 0 || to < from) return document;
  return document.slice(0, from) + variableTable() + document.slice(to + TABLE_MARKS[1].length);
}
