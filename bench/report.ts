import type { Measurement } from './contract.ts';
import { type Mark, marks } from './marks.ts';
import { type Ratio, spreadOf } from './statistics.ts';
import { judge, type Verdict } from './verdict.ts';

/** Three digits that count, and thousands apart: `34,100`, `2.87`, `0.93`. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return '∞';
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(Number(value.toPrecision(3))).toLocaleString('en-US');
  if (size >= 100 || value === 0) return value.toFixed(0);
  return size >= 10 ? value.toFixed(1) : value.toFixed(2);
}

const verdictsOf = (measurement: Measurement): Verdict[] =>
  marks.filter(({ id }) => id === measurement.id).map((mark) => judge(mark, measurement));

function wish({ against, atLeast, atMost }: Mark, unit: string): string {
  const bound = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
  return against === undefined ? `${bound} ${unit}` : `${bound} × ${against}`;
}

function told({ ratio, least, most }: Ratio, sign: string): string {
  const spread = least === most ? '' : ` (${shown(least)}–${shown(most)})`;
  return `${shown(ratio)}${sign}${spread}`;
}

/** `reached: 4.62 × kea (4.10–5.03)`, `not reached: 0.93 × nginx (0.90–0.97)`, `not measured`. */
export function sentence({ mark, peer, reached, good }: Verdict): string {
  if (!reached) return 'not measured';
  const word = good ? 'reached' : '**not reached**';
  const against = mark.against === undefined ? '' : ` × ${peer}`;
  return `${word}: ${told(reached, against)}`;
}

/** `22,600 (21,900–23,000)`; `–` where nothing was measured. */
function cell(measurement: Measurement, name: string): string {
  const spread = spreadOf(measurement.samples[name] ?? []);
  if (!spread) return name in measurement.samples ? 'failed' : '–';
  const { median, least, most } = spread;
  return least === most ? shown(median) : `${shown(median)} (${shown(least)}–${shown(most)})`;
}

function others(measurement: Measurement): string {
  const names = Object.keys(measurement.samples).filter((name) => name !== 'ours');
  return names.map((name) => `${name} ${cell(measurement, name)}`).join(', ') || '–';
}

function row(measurement: Measurement): string {
  const { work, unit } = measurement;
  const verdicts = verdictsOf(measurement);
  const wishes = [...new Set(verdicts.map(({ mark }) => wish(mark, unit)))].join(', ') || '–';
  const judged = verdicts.map(sentence).join('; ') || '–';
  const own = 'ours' in measurement.samples ? cell(measurement, 'ours') : '–';
  return `| ${work}, ${unit} | ${own} | ${others(measurement)} | ${wishes} | ${judged} |`;
}

/** The table of docs/performance.md, with what has to be said about single rows below it. */
export function markdown(measurements: readonly Measurement[]): string {
  const remarks = measurements.flatMap(({ work, remarks: said = [], wrong = [] }) =>
    [...said, ...wrong.map((text) => `**wrong:** ${text}`)].map((text) => `- ${work}: ${text}`),
  );
  const table = [
    '| work | ours | peers | mark | reached |',
    '| --- | --- | --- | --- | --- |',
    ...measurements.map(row),
  ];
  return [...table, ...(remarks.length > 0 ? ['', ...remarks] : [])].join('\n');
}

/** What a machine does with nobody to compare it with. */
export function figures(measurements: readonly Measurement[]): string {
  const rows = measurements.flatMap((measurement) =>
    Object.keys(measurement.samples).map(
      (name) => `| ${measurement.work} | ${cell(measurement, name)} ${measurement.unit} |`,
    ),
  );
  return ['| what | figure |', '| --- | --- |', ...rows].join('\n');
}

/** The same for a terminal: what was measured, then every mark. */
export function plain(measurement: Measurement): string {
  const { work, unit, remarks = [], wrong = [] } = measurement;
  const values = Object.keys(measurement.samples).map((name) => `${name} ${cell(measurement, name)}`);
  const verdicts = verdictsOf(measurement).map(
    (verdict) => `    ${wish(verdict.mark, unit)} … ${sentence(verdict).replaceAll('**', '')}`,
  );
  return [
    `  ${work}, ${unit}: ${values.join(' | ')}`,
    ...verdicts,
    ...remarks.map((text) => `    ${text}`),
    ...wrong.map((text) => `    WRONG: ${text}`),
  ].join('\n');
}

/** @throws Error where the document lacks the markers `<!-- NAME -->` and `<!-- /NAME -->`. */
export function replaced(document: string, name: string, text: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [document.indexOf(open), document.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`no ${open} … ${close}`);
  return `${document.slice(0, from + open.length)}\n${text}\n${document.slice(to)}`;
}
