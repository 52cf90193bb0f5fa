import { type Sample, sum } from './sample.ts';
import { SERIES, type Series } from './series.ts';
import { median } from './slope.ts';
import { judge, type Verdict } from './verdict.ts';

export interface Judged {
  readonly series: Series;
  readonly verdict: Verdict;
}

/** What became of the load in the whole run. */
export interface Outcome {
  readonly booted: number;
  readonly failed: readonly string[];
  readonly died: number;
  readonly answered: number;
  readonly unanswered: readonly string[];
  readonly garbage: number;
  readonly faults: readonly string[];
  /** Medians of the boots, in seconds, early and late: of the first and the last quarter of the run. */
  readonly bootSeconds: readonly [number, number];
}

export const judgeAll = (samples: readonly Sample[]): Judged[] =>
  SERIES.map((series) => ({
    series,
    verdict: judge(
      samples.map((sample) => [sample.at, series.of(sample)] as const),
      series.bounds,
    ),
  }));

export function outcomeOf(samples: readonly Sample[]): Outcome {
  const loads = samples.map(({ load }) => load);
  const quarter = Math.ceil(samples.length / 4);
  const seconds = (some: readonly Sample[]) => {
    const times = some.flatMap(({ load: { bootMs } }) => bootMs ?? []);
    return times.length === 0 ? Number.NaN : median(times) / 1000;
  };
  return {
    booted: sum(loads.map(({ booted }) => booted)),
    failed: loads.flatMap(({ failed }) => failed),
    died: sum(loads.map(({ died }) => died)),
    answered: sum(loads.map(({ answered }) => answered)),
    unanswered: loads.flatMap(({ unanswered }) => unanswered),
    garbage: sum(loads.map(({ garbage }) => garbage)),
    faults: samples.flatMap(({ faults }) => faults),
    bootSeconds: [seconds(samples.slice(0, quarter)), seconds(samples.slice(-quarter))],
  };
}

/** Readers may meet a pulled cable: one in a hundred may come to nothing. */
const UNANSWERED_AT_MOST = 0.01;

/** What is wrong, in words; empty where all is well. */
export function complaints(judged: readonly Judged[], outcome: Outcome): string[] {
  const { booted, failed, answered, unanswered, faults } = outcome;
  return [
    ...judged
      .filter(({ verdict }) => !verdict.flat)
      .map((one) => `${one.series.name} is not flat: ${figures(one)}`),
    ...failed.map((why) => `a machine did not boot: ${why}`),
    ...faults,
    ...(booted === 0 ? ['no machine has booted'] : []),
    ...(unanswered.length > UNANSWERED_AT_MOST * (answered + unanswered.length)
      ? [`${unanswered.length} of ${answered + unanswered.length} questions had no right answer`]
      : []),
  ];
}

export const whatHappened = (outcome: Outcome, minutes: number): string =>
  [
    `${outcome.booted} of ${outcome.booted + outcome.failed.length} machines booted in ${minutes.toFixed(0)} minutes`,
    `median ${outcome.bootSeconds[0].toFixed(2)} s in the first quarter, ${outcome.bootSeconds[1].toFixed(2)} s in the last`,
    `${outcome.died} more broke off on purpose`,
    `${outcome.answered} of ${outcome.answered + outcome.unanswered.length} renewals, pages and metrics were answered`,
    `${outcome.garbage} pieces of garbage`,
  ].join('; ');

const number = (value: number) => (Math.abs(value) < 10 ? value.toFixed(1) : value.toFixed(0));
const inUnit = (value: number, { unit }: Series) =>
  Number.isFinite(value) ? `${number(value)} ${unit}`.trim() : 'any';

function figures({ series, verdict: { from, to, most, perHour, grown, allowed } }: Judged): string {
  return `${inUnit(from, series)} → ${inUnit(to, series)}, most ${inUnit(most, series)} (${inUnit(series.bounds.most, series)}), slope ${inUnit(perHour, series)}/h, that is ${inUnit(grown, series)} (${inUnit(allowed, series)})`;
}

export const plain = (one: Judged): string =>
  `  ${one.verdict.flat ? 'flat ' : 'WRONG'}  ${one.series.name}: ${figures(one)}`;

/** For docs/reliability.md. */
export function table(judged: readonly Judged[]): string {
  const rows = judged.map(({ series, verdict }) => {
    const { from, to, most, grown, allowed, flat } = verdict;
    const cells = [from, to, grown, allowed, most, series.bounds.most].map((value) => inUnit(value, series));
    return `| ${series.name}${flat ? '' : ' **is not flat**'} | ${cells.join(' | ')} |`;
  });
  return [
    '| | after warming up | at the end | growth by slope | allowed | most | allowed |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
