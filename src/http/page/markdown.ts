/** As much of Markdown as docs/troubleshooting.md uses. Pure. */

export type Block =
  | { readonly kind: 'heading' | 'text' | 'code'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'table'; readonly rows: readonly (readonly string[])[] };

/** GitHub's anchor of a heading. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

/** The section under the heading, or the <a id>, with this anchor, up to the next heading as high; undefined where there is none. */
export function sectionOf(text: string, anchor: string): string | undefined {
  const lines = text.split('\n');
  const marked = lines.findIndex((line) => line.includes(`id="${anchor}"`));
  const start = lines.findIndex(
    (line, at) =>
      /^#+ /.test(line) && (anchorOf(line.replace(/^#+ /, '')) === anchor || (marked >= 0 && at >= marked)),
  );
  if (start < 0) return undefined;
  const depth = lines[start]!.indexOf(' ');
  const end = lines.findIndex((line, at) => at > start && /^#+ /.test(line) && line.indexOf(' ') <= depth);
  return lines.slice(start, end < 0 ? undefined : end).join('\n');
}

export function blocksOf(text: string): Block[] {
  return text
    .split(/\n(?:[ \t]*\n)+|(?<=^#+ .*)\n/m)
    .filter((part) => part.trim() !== '' && !/^<a id/.test(part))
    .map(blockOf);
}

function blockOf(part: string): Block {
  const lines = part.split('\n');
  if (/^#+ /.test(part)) return { kind: 'heading', text: part.replace(/^#+ /, '') };
  if (part.startsWith('```')) return { kind: 'code', text: lines.slice(1, -1).join('\n') };
  if (/^[-*] /.test(part))
    return {
      kind: 'list',
      items: part
        .replace(/\n +/g, ' ')
        .split('\n')
        .map((line) => line.replace(/^[-*] /, '')),
    };
  if (part.startsWith('|')) {
    const rows = lines.filter((line) => !/^\|[\s|:-]+\|$/.test(line));
    return {
      kind: 'table',
      rows: rows.map((row) =>
        row
          .replace(/^\||\|$/g, '')
          .split('|')
          .map((cell) => cell.trim()),
      ),
    };
  }
  return { kind: 'text', text: lines.join(' ') };
}
