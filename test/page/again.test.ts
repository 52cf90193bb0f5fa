import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { requires } from '../lab/requires.ts';
import { CHROMIUM, launch } from './browser.ts';
import { FakeApi } from './fake-api.ts';

/** Whether the rules of all styles are there; what was cut off has none that may be read. */
const STYLED = `(() => {
  try {
    return [...document.styleSheets].filter((sheet) => sheet.cssRules.length > 0).length === 3;
  } catch {
    return false;
  }
})()`;

describe('a page whose parts are cut off while they are loaded', requires(CHROMIUM), () => {
  let browser: Browser;
  let api: FakeApi;
  before(async () => {
    browser = await launch();
    api = await new FakeApi({ machines: 3 }).start();
  });
  after(async () => {
    await browser?.close();
    await api?.stop();
  });

  /** As a browser does it that sees the network change: the first `times` requests for that part come to nothing. */
  async function cutting(part: string, times: number): Promise<Page> {
    const page = await browser.newPage();
    let left = times;
    await page.route(`**/page/${part}`, (route) =>
      left-- > 0 ? route.abort('internetdisconnected') : route.continue(),
    );
    await page.goto(api.url);
    return page;
  }

  for (const part of ['main.ts', 'preact.js', 'topics.ts'])
    test(`loads itself again without ${part}, and is drawn`, async () => {
      // It is preloaded, and asked for once more where that came to nothing.
      const page = await cutting(part, 2);
      await page.locator('.machine').first().waitFor();
      await page.close();
    });

  test('loads itself again without a style, and has them all', async () => {
    const page = await cutting('views.css', 1);
    const styled = () => page.evaluate(STYLED).catch(() => false);
    for (let tries = 0; !(await styled()) && tries < 300; tries++) await sleep(100);
    assert.ok(await styled());
    await page.locator('.machine').first().waitFor();
    await page.close();
  });

  test('says so while the server is away, and comes back with it', async () => {
    const page = await cutting('main.ts', 4);
    await page.getByText('could not be loaded. Trying again').waitFor();
    assert.equal(new URL(page.url()).pathname, '/');
    await page.locator('.machine').first().waitFor();
    await page.close();
  });
});
