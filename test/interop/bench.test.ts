import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SUITES } from '../../bench/contract.ts';
import { marks } from '../../bench/marks.ts';
import type { Recorded } from '../../bench/record.ts';
import { firmwareNeeds } from '../lab/firmware.ts';
import { temporaryFolder } from '../lab/leftovers.ts';
import { requires } from '../lab/requires.ts';

const MAIN = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
/** The bench leaves out peers that are missing; under CI none may be. */
const PEERS = process.env.CI ? ['kea-dhcp4', 'dnsmasq', 'nginx', 'atftpd'] : [];
const needs = requires(
  ...['root', 'netns', 'taskset', 'nft', 'wrk', 'dpkg-deb', 'busybox', '/usr/lib/ipxe/undionly.kpxe'],
  ...firmwareNeeds('ipxe-rom'),
  ...PEERS,
);

/** Whether it runs, and whether what it measures can be; never how fast anything is. */
describe('npm run bench -- --smoke', needs, () => {
  const folder = temporaryFolder('bench-test');
  const file = join(folder, 'result.json');
  let status: number | null;
  let output: string;
  let recorded: Recorded;

  before(async () => {
    await new Promise<void>((resolve) => {
      const args = [MAIN, '--smoke', '--json', file];
      const bench = execFile(process.execPath, args, { timeout: 600_000 }, (_error, stdout, stderr) => {
        status = bench.exitCode;
        output = stdout + stderr;
        resolve();
      });
    });
    if (status === 0) recorded = JSON.parse(readFileSync(file, 'utf8'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('it ends well: no byte is wrong, and nothing is lost where nothing may be', () => {
    assert.equal(status, 0, output);
    for (const suite of Object.values(recorded)) {
      for (const { work, wrong = [] } of suite.measurements) assert.deepEqual(wrong, [], work);
    }
  });

  test('every suite has measured something', () => {
    assert.deepEqual(Object.keys(recorded).toSorted(), SUITES.toSorted(), output);
    for (const [name, { measurements }] of Object.entries(recorded)) assert.ok(measurements.length > 0, name);
  });

  test('ours never failed, and no number is impossible', () => {
    for (const { measurements } of Object.values(recorded)) {
      for (const { id, samples } of measurements) {
        for (const sample of samples.ours ?? [])
          assert.ok(sample !== null && sample >= 0, `${id}: ${output}`);
        for (const sample of Object.values(samples).flat())
          assert.ok(sample === null || Number.isFinite(sample), id);
      }
    }
  });

  test('every mark is measured', () => {
    const measured = new Set(
      Object.values(recorded).flatMap(({ measurements }) => measurements.map(({ id }) => id)),
    );
    for (const { id } of marks) assert.ok(measured.has(id), `${id}: ${output}`);
  });
});
