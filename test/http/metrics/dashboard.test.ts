import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { COUNTERS, HISTOGRAMS } from '../../../src/http/metrics/measurement.ts';
import { Metrics } from '../../../src/http/metrics/metrics.ts';
import { profileOf } from '../../profile.ts';
import { FakeObserved } from '../api/fake-observed.ts';
import { type Family, readExposition } from './exposition.ts';

interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat: string;
  readonly datasource: { readonly uid: string };
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
}

const dashboard = JSON.parse(
  readFileSync(new URL('../../../docs/grafana-dashboard.json', import.meta.url), 'utf8'),
) as { panels: readonly Panel[]; templating: { list: readonly { name: string; type: string }[] } };

const targets = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map((one) => ({ title, ...one })),
);

/** All that /metrics exports, by the names of its samples. */
async function exported(t: { after(end: () => void): void }): Promise<Map<string, Family>> {
  const { observed, tell } = bound(new FakeObserved());
  const health = async () => {
    return { services: [{ service: 'dhcp', state: 'running', problems: [] }], journal: [] } as const;
  };
  const metrics = new Metrics({
    version: '1',
    profile: profileOf(),
    observed,
    leases: async () => [],
    health,
  });
  metrics.start();
  t.after(() => metrics.stop());
  const machine = { firmware: 'pxe', architecture: 'BIOS x86' };
  tell({
    measurements: [
      { histogram: 'stageDuration', labels: { stage: 'kernel', ...machine }, seconds: 1 },
      { histogram: 'bootDuration', labels: machine, seconds: 1 },
    ],
  });
  const families = readExposition(await metrics.text());
  const names = [...families.values()].flatMap((family) => [
    [family.name, family] as const,
    ...family.samples.map(({ name }) => [name, family] as const),
  ]);
  return new Map(names);
}

const bound = (journals: FakeObserved) => ({
  observed: journals.observed,
  tell: journals.tell.bind(journals),
});

const METRIC = /\b(?:remoteboot|nodejs|process)_\w+/g;

test('every metric on the dashboard is exported', async (t) => {
  const names = await exported(t);
  assert.ok(targets.length > 15);
  for (const { title, expr } of targets) {
    const used = expr.match(METRIC) ?? [];
    assert.ok(used.length > 0, title);
    for (const name of used) assert.ok(names.has(name), `${title}: ${name}`);
  }
});

test('every label that the dashboard selects or groups by is one of its metric', () => {
  const own = [...Object.values(COUNTERS), ...Object.values(HISTOGRAMS)];
  const labels = new Map<string, readonly string[]>([
    ...own.map(({ name, labels }) => [name, labels] as const),
    ['remoteboot_service_up', ['service']],
    ['remoteboot_build_info', ['version']],
    ['remoteboot_pool_addresses', ['pool', 'state']],
    ['remoteboot_pool_size_addresses', ['pool']],
  ]);
  for (const { title, expr } of targets) {
    const names = (expr.match(METRIC) ?? []).map((name) => name.replace(/_bucket$/, ''));
    const known = ['le', 'instance', ...names.flatMap((name) => labels.get(name) ?? [])];
    const selected = [...expr.matchAll(/[{,](\w+)=~?"/g)].map(([, label]) => label!);
    const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(/, */));
    for (const label of [...selected, ...grouped]) assert.ok(known.includes(label), `${title}: ${label}`);
  }
});

test('every metric of the journal is on the dashboard', () => {
  const shown = targets.map(({ expr }) => expr).join('\n');
  for (const { name } of [...Object.values(COUNTERS), ...Object.values(HISTOGRAMS)])
    assert.ok(shown.includes(name), name);
});

test('the dashboard asks the data source that is chosen, and its panels have numbers and places of their own', () => {
  assert.ok(
    dashboard.templating.list.some(({ name, type }) => name === 'datasource' && type === 'datasource'),
  );
  for (const { datasource } of targets) assert.equal(datasource.uid, '${datasource}');
  assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
  const taken = new Set<string>();
  for (const { title, gridPos } of dashboard.panels) {
    const { x, y, w, h } = gridPos;
    assert.ok(x + w <= 24, title);
    for (let column = x; column < x + w; column += 1)
      for (let line = y; line < y + h; line += 1) {
        assert.ok(!taken.has(`${column} ${line}`), `${title} covers another panel`);
        taken.add(`${column} ${line}`);
      }
  }
});
