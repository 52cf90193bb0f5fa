import { createHash } from 'node:crypto';

const MARK = /^# Made by remoteboot\b.*\[sha256 ([0-9a-f]{64})\]$/;

/** Comment lines for whoever opens a generated script. */
export const ABOUT = [
  '# What machines boot is set in .env (KERNEL, INITRD, CMDLINE). Once this file is edited, it is served as it is;',
  '# delete it to have it made again.',
];

/**
 * Puts the mark on line 2 of a script: a comment that holds the hash of everything else.
 * A text that still matches its mark is ours and may be made anew; any edit, even of one blank, shows.
 */
export function withMark(script: string): string {
  const [first, ...rest] = script.split('\n');
  const mark = `# Made by remoteboot, which keeps it up to date until you edit it. [sha256 ${fingerprint(script)}]`;
  return [first, mark, ...rest].join('\n');
}

/** True where the text is just as it was generated. */
export function isUnedited(text: string): boolean {
  const [first, mark, ...rest] = text.split('\n');
  return MARK.exec(mark ?? '')?.[1] === fingerprint([first, ...rest].join('\n'));
}

/** SHA-256 in hex. */
export function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The first lines in which two scripts differ, numbered as in `edited`; marks are not compared. */
export function firstDifference(
  edited: string,
  generated: string,
): { line: number; edited: string | undefined; generated: string | undefined } | undefined {
  const left = edited.split('\n');
  const right = generated.split('\n');
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    if (MARK.test(left[at] ?? '') && MARK.test(right[at] ?? '')) continue;
    if (left[at] !== right[at]) return { line: at + 1, edited: left[at], generated: right[at] };
  }
  return undefined;
}
