import type { Finding } from './contract.ts';

/** A line for a terminal. */
export function plain({ claim, figure, bound, holds }: Finding): string {
  return `  ${holds ? 'holds' : 'WRONG'}  ${claim}: ${figure}${bound === undefined ? '' : ` (${bound})`}`;
}

/** The table of a suite in docs/reliability.md. */
export function table(findings: readonly Finding[]): string {
  const rows = findings.map(
    ({ claim, figure, bound, holds }) =>
      `| ${claim} | ${figure} | ${bound ?? '–'}${holds ? '' : ' **does not hold**'} |`,
  );
  return ['| claim | measured | bound |', '| --- | --- | --- |', ...rows].join('\n');
}
