/** A sample of the exposition text. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const TYPES = ['counter', 'gauge', 'histogram', 'summary', 'untyped'];
const SUFFIXES: Record<string, readonly string[]> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/**
 * Reads Prometheus' text format 0.0.4 strictly: HELP and TYPE before the samples of a family, families in one piece, no sample twice,
 * counters named _total, histograms with growing buckets that end in +Inf and agree with their count.
 * @throws Error with the line that is wrong.
 */
export function readExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, Family>();
  let current: Family | undefined;
  let help: { name: string; text: string } | undefined;
  for (const line of text.split('\n').slice(0, -1)) {
    const fail = (why: string): never => {
      throw new Error(`${why}: ${line}`);
    };
    if (line === '') continue;
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (!NAME.test(name)) fail('bad name');
      help = { name, text: rest };
    } else if (keyword === 'TYPE') {
      if (help?.name !== name) fail('TYPE without its HELP');
      if (!TYPES.includes(rest)) fail('unknown type');
      if (families.has(name)) fail('a family in two pieces');
      current = { name, type: rest, help: help!.text, samples: [] };
      families.set(name, current);
    } else {
      if (!current) fail('a sample without a family');
      const sample = readSample(line) ?? fail('not a sample');
      const suffixes = SUFFIXES[current!.type] ?? [''];
      if (!suffixes.some((suffix) => sample.name === current!.name + suffix))
        fail('a sample of another family');
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).toSorted()]);
      if (
        current!.samples.some(
          (other) => key === JSON.stringify([other.name, Object.entries(other.labels).toSorted()]),
        )
      )
        fail('a sample twice');
      current!.samples.push(sample);
    }
  }
  for (const family of families.values()) check(family);
  return families;
}

function readSample(line: string): Sample | undefined {
  const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (!match) return undefined;
  const labels: Record<string, string> = {};
  const pair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;
  const inner = match[2] ?? '';
  while (pair.lastIndex < inner.length) {
    const found = pair.exec(inner);
    if (!found || found[1]! in labels) return undefined;
    labels[found[1]!] = found[2]!;
  }
  const value = numberOf(match[3]!);
  if (value === undefined) return undefined;
  return { name: match[1]!, labels, value };
}

/** As Go's strconv.ParseFloat, which Prometheus reads with: NaN in any case. */
function numberOf(text: string): number | undefined {
  if (/^nan$/i.test(text)) return Number.NaN;
  if (/^[+-]?inf$/i.test(text))
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

function check({ name, type, help, samples }: Family): void {
  if (help === '') throw new Error(`${name} has no help`);
  if (type === 'counter' && !name.endsWith('_total'))
    throw new Error(`the counter ${name} is not named _total`);
  if (type === 'counter' && samples.some(({ value }) => value < 0)) throw new Error(`${name} is negative`);
  if (type !== 'histogram') return;
  const series = Map.groupBy(samples, ({ labels }) => {
    return JSON.stringify(
      Object.entries(labels)
        .filter(([label]) => label !== 'le')
        .toSorted(),
    );
  });
  for (const parts of series.values()) {
    const buckets = parts.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) =>
      labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le),
    );
    const grows = (numbers: number[]) => numbers.every((n, i) => i === 0 || numbers[i - 1]! <= n);
    if (!grows(bounds) || bounds.at(-1) !== Number.POSITIVE_INFINITY)
      throw new Error(`${name}: bounds ${bounds}`);
    if (!grows(buckets.map(({ value }) => value))) throw new Error(`${name}: buckets shrink`);
    const count = parts.find((sample) => sample.name === `${name}_count`)?.value;
    if (count !== buckets.at(-1)?.value) throw new Error(`${name}: the count is not that of +Inf`);
  }
}
