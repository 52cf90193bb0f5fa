import { stripVTControlCharacters, styleText } from 'node:util';
import { printable, printableJson } from '../platform/printable.ts';

/** 'note' is neither good nor bad; 'unknown' could not be looked at, which is not the same as well. */
export type LineState = 'ok' | 'warn' | 'fail' | 'note' | 'unknown';

/** One finding. Texts may hold what came from the network: they are made safe where they are printed. */
export interface ReportLine {
  readonly state: LineState;
  /** What was looked at, in a word or two. */
  readonly what: string;
  /** What was seen. */
  readonly detail: string;
  /** What to do about it, a sentence without its full stop. */
  readonly remedy?: string;
  /** The shell command, for the host, that does it. */
  readonly command?: string;
  /** Text to be shown below as it is, line by line: a packet, a script. */
  readonly more?: readonly string[];
}

export interface Section {
  readonly title: string;
  readonly lines: readonly ReportLine[];
}

/**
 * What a command has found out. Its JSON is {command, state, summary?, ...data, sections: [{title, lines: [{state, what, detail, remedy?, command?,
 * more?}]}]}: fields are added to that, never taken out or given another meaning.
 */
export interface Report {
  /** The command that was given: doctor, explain, rehearse. */
  readonly command: string;
  readonly sections: readonly Section[];
  /** What it comes to, in a sentence; the last that is printed. */
  readonly summary?: string;
  /** What only programs want to read: further fields of the JSON. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Where a command prints to: standard output, or what stands for it. */
export interface Out extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Exit statuses of all commands. */
export const STATUS = { well: 0, failed: 1, wrong: 2 } as const;

const WORST_FIRST: readonly LineState[] = ['fail', 'unknown', 'warn', 'ok', 'note'];

/** The state of the whole: the worst of its lines; 'ok' where there is nothing but notes. */
export function stateOf({ sections }: Pick<Report, 'sections'>): Exclude<LineState, 'note'> {
  const seen = new Set(sections.flatMap(({ lines }) => lines.map(({ state }) => state)));
  const worst = WORST_FIRST.find((state) => seen.has(state)) ?? 'ok';
  return worst === 'note' ? 'ok' : worst;
}

/** Prints a report as text for people or as one JSON document, and tells the exit status: failed where any line is 'fail'. */
export function printReport(report: Report, out: Out, format: 'text' | 'json'): number {
  out.write(format === 'json' ? asJson(report) : asText(report, out));
  return stateOf(report) === 'fail' ? STATUS.failed : STATUS.well;
}

function asJson({ command, sections, summary, data }: Report): string {
  const told = summary === undefined ? {} : { summary };
  const document = { command, state: stateOf({ sections }), ...told, ...data, sections };
  return `${printableJson(JSON.stringify(document, undefined, 2))}\n`;
}

const COLOURS = {
  ok: 'green',
  warn: 'yellow',
  fail: 'red',
  note: 'cyan',
  unknown: 'magenta',
} as const satisfies Record<LineState, string>;
const STATE_WIDTH = 'unknown'.length;
const LONGEST_WHAT = 24;
/** Nothing is broken narrower than this: words would stand alone. */
const NARROWEST = 40;

/** Aligned: state, what, and what was seen with the remedy below it; broken at a terminal's width, and nowhere else. */
function asText({ sections, summary }: Report, out: Out): string {
  const whats = sections.flatMap(({ lines }) => lines.map(({ what }) => printable(what).length));
  const width = Math.min(LONGEST_WHAT, Math.max(0, ...whats));
  const style = (format: Parameters<typeof styleText>[0], text: string) =>
    styleText(format, text, { stream: out });
  const indent = STATE_WIDTH + width + 6;
  const room = out.isTTY && out.columns ? Math.max(NARROWEST, out.columns - indent) : Infinity;

  const line = ({ state, what, detail, remedy, command, more = [] }: ReportLine): string => {
    const head = `  ${style(COLOURS[state], state.padEnd(STATE_WIDTH))}  ${printable(what).padEnd(width)}  `;
    const rows = [
      ...broken(printable(detail), room),
      ...(remedy ? broken(`→ ${printable(remedy)}`, room) : []),
      // Never broken: it is copied.
      ...(command ? [style('bold', `$ ${printable(command)}`)] : []),
      ...more.map(printable),
    ];
    // A long name has its line to itself.
    const first = stripVTControlCharacters(head).length > indent ? [head.trimEnd()] : [];
    const hanging = rows.map((row, at) =>
      at === 0 && first.length === 0 ? head + row : ' '.repeat(indent) + row,
    );
    return [...first, ...hanging].map((row) => row.trimEnd()).join('\n');
  };

  const blocks = sections
    .filter(({ lines }) => lines.length > 0)
    .map(({ title, lines }) => [style('bold', printable(title)), ...lines.map(line)].join('\n'));
  const end = summary === undefined ? [] : broken(printable(summary), out.columns ?? Infinity).join('\n');
  return `${[...blocks, ...[end].flat()].join('\n\n')}\n`;
}

function broken(text: string, room: number): string[] {
  const rows: string[] = [];
  for (const word of text.split(' ')) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room)
      rows[rows.length - 1] = `${last} ${word}`;
    else rows.push(word);
  }
  return rows;
}
