import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Metrics } from '../../../src/http/metrics/metrics.ts';
import { profileOf } from '../../profile.ts';
import { FakeObserved } from '../api/fake-observed.ts';
import { readExposition } from './exposition.ts';

const page = readFileSync(new URL('../../../docs/monitoring.md', import.meta.url), 'utf8');

test('docs/monitoring.md names every metric of the appliance, and none that it does not export', async (t) => {
  const { observed } = new FakeObserved();
  const health = async () => ({ services: [], journal: [] });
  const parts = { version: '1', profile: profileOf(), observed, leases: async () => [], health };
  const metrics = new Metrics(parts);
  metrics.start();
  t.after(() => metrics.stop());
  const families = readExposition(await metrics.text());
  const own = [...families.keys()].filter((name) => name.startsWith('remoteboot_')).sort();
  const listed = [...page.matchAll(/^\| `(remoteboot_\w+)`/gm)].map(([, name]) => name!);
  assert.deepEqual(listed.toSorted(), own);
  for (const [name] of page.matchAll(/remoteboot_\w+/g)) assert.ok(families.has(name), name);
});
