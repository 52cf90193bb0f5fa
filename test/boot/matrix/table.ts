import type { Group } from './scenarios.ts';

const MARKS = ['<!-- matrix -->', '<!-- /matrix -->'] as const;

/** How a scenario went: seconds from power-on to BOOTLAB-OK, or undefined where it did not get there. */
export type Results = ReadonlyMap<string, number | undefined>;

/** The README with its matrix replaced; `day` is when it was measured. @throws Error where it has no marks. */
export function withMatrix(
  document: string,
  groups: readonly Group[],
  results: Results,
  day: string,
): string {
  const [from, to] = MARKS.map((mark) => document.indexOf(mark)) as [number, number];
  if (from < 0 || to < from)
    throw new Error(`README.md has no ${MARKS.join(' … ')} to put the matrix between`);
  const rows = groups.flatMap(({ scenarios }) =>
    scenarios.map(({ name }) => `| ${name} | ${results.get(name)?.toFixed(1) ?? 'failed'} | ${day} |`),
  );
  const table = [MARKS[0], '| machine | seconds | day |', '| --- | ---: | --- |', ...rows, MARKS[1]].join(
    '\n',
  );
  return document.slice(0, from) + table + document.slice(to + MARKS[1].length);
}
