import assert from 'node:assert/strict';
import type { SuiteName } from '../../reliability/contract.ts';
import { plain } from '../../reliability/report.ts';
import { run } from '../../reliability/run.ts';

/** Runs the short form of a suite: it finds something, and all of it holds. */
export async function holds(name: SuiteName): Promise<void> {
  const log: string[] = [];
  const findings = await run(name, 'short', (line) => log.push(line));
  assert.ok(findings.length > 0, `${name} has found nothing`);
  const wrong = findings.filter((finding) => !finding.holds);
  assert.deepEqual(wrong, [], [...log, ...findings.map(plain)].join('\n'));
}
