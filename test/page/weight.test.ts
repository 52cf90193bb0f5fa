import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { readPageFiles } from '../../src/http/page-files.ts';
import { requires } from '../lab/requires.ts';
import { CHROMIUM, launch, open } from './browser.ts';
import { FakeApi } from './fake-api.ts';

const FIRST_LOAD = 100_000;

describe('the weight of the page', requires(CHROMIUM), () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  test('a first load is under 100 kB uncompressed, headers aside, and fetches nothing twice', async () => {
    await using api = await new FakeApi({ machines: 3 }).start();
    const context = await browser.newContext();
    const page = await context.newPage();
    const loads: Promise<{ name: string; size: number }>[] = [];
    page.on('response', (response) => {
      const name = new URL(response.url()).pathname;
      if (name.startsWith('/api') || name === '/events') return;
      loads.push(response.body().then(({ length }) => ({ name, size: length })));
    });
    await page.goto(api.url);
    await page.locator('.machine').first().waitFor();
    const loaded = await Promise.all(loads);
    const total = loaded.reduce((sum, { size }) => sum + size, 0);
    const modules = loaded.map(({ name }) => name).filter((name) => /\.(ts|js|css)$/.test(name));
    assert.ok(modules.length > 10, 'the files were counted');
    assert.deepEqual(modules, [...new Set(modules)]);
    assert.ok(total < FIRST_LOAD, `${total} bytes`);
    await context.close();
  });

  test('a second load asks whether files have changed, and gets none of them anew', async () => {
    await using api = await new FakeApi({ machines: 3 }).start();
    for (const [name, { etag }] of readPageFiles()) {
      const response = await fetch(`${api.url}page/${name}`, {
        headers: { 'If-None-Match': etag },
        cache: 'force-cache',
      });
      assert.equal(response.status, 304, name);
    }
  });

  test('200 machines that each tell four times a second leave the page quick to answer', {
    timeout: 120_000,
  }, async () => {
    const time = { now: Date.now() };
    await using api = await new FakeApi({ machines: 200, now: () => time.now }).start();
    api.plans = api.plans.map(({ stops: _stops, outcome: _outcome, unknown: _unknown, ...plan }, index) => ({
      ...plan,
      from: time.now - index * 10,
      slowness: 3,
    }));
    const { page, trouble } = await open(browser, api.url);
    await page.locator('.machine').nth(199).waitFor();
    await page.evaluate(`(() => {
      globalThis.waits = [];
      const beat = (asked) => setTimeout(() => { globalThis.waits.push(performance.now() - asked - 20); beat(performance.now()); }, 20);
      beat(performance.now());
      globalThis.drawn = 0;
      new MutationObserver((changes) => { globalThis.drawn += changes.length; }).observe(document.querySelector('tbody'), { subtree: true, childList: true, attributes: true, characterData: true });
    })()`);
    for (let telling = 0; telling < 40; telling += 1) {
      time.now += 250;
      const told = Date.now();
      for (let part = 0; part < 4; part += 1)
        api.tellMachines(api.plans.filter((_plan, index) => index % 4 === part));
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, told + 250 - Date.now())));
    }
    const { waits, drawn } = (await page.evaluate('({ waits, drawn })')) as {
      waits: number[];
      drawn: number;
    };
    const sorted = waits.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)]!;
    assert.ok(drawn > 2000, `only ${drawn} changes were drawn`);
    // Whoever presses something hardly waits, also on a busy host; a page that draws everything for each event takes seconds.
    assert.ok(median < 250, `half of the time the page answered after ${median.toFixed(0)} ms`);
    // All that was told is shown: the page has not fallen behind.
    time.now += 600_000;
    api.tellMachines();
    await page.getByRole('button', { name: /200 Booted/ }).waitFor({ timeout: 60_000 });
    assert.deepEqual(trouble, []);
    await page.context().close();
  });
});
