import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { requires } from '../lab/requires.ts';
import { CHROMIUM, launch, open } from './browser.ts';
import { FakeApi } from './fake-api.ts';

/** Who has the focus, and whether it can be seen: a ring around it, inside the window. */
const FOCUSED = `(() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const box = element.getBoundingClientRect();
  const ring = getComputedStyle(element);
  const copy = element.cloneNode(true);
  for (const hidden of copy.querySelectorAll('[aria-hidden]')) hidden.remove();
  const name = element.getAttribute('aria-label') || element.labels?.[0]?.textContent.trim() || copy.textContent.trim().replace(/\\s+/g, ' ');
  return { name, tag: element.localName, ring: ring.outlineStyle !== 'none' && parseFloat(ring.outlineWidth) >= 2,
    seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth && box.width > 0,
    covered: !element.contains(document.elementFromPoint(box.left + box.width / 2, Math.min(box.top + box.height / 2, innerHeight - 1))) &&
      element.localName !== 'ol' && element.localName !== 'pre' };
})()`;

interface Focused {
  readonly name: string;
  readonly tag: string;
  readonly ring: boolean;
  readonly seen: boolean;
  readonly covered: boolean;
}

/** All that the Tab key comes to from the top of the page, in order. */
async function walk(page: Page): Promise<string[]> {
  await page.evaluate('document.activeElement?.blur(); getSelection().removeAllRanges(); scrollTo(0, 0)');
  const names: string[] = [];
  for (let step = 0; step < 300; step += 1) {
    await page.keyboard.press('Tab');
    const focused = (await page.evaluate(FOCUSED)) as Focused | null;
    if (!focused) return names;
    assert.ok(focused.ring, `no ring around ${focused.tag} "${focused.name}"`);
    assert.ok(
      focused.seen && !focused.covered,
      `${focused.tag} "${focused.name}" has the focus and cannot be seen`,
    );
    names.push(focused.name);
  }
  throw new Error('the Tab key never left the page');
}

const HEAD = [
  'Skip to content',
  'remoteboot',
  'Machines',
  'Pool',
  'Images',
  'Log',
  'Services',
  'dhcp running',
  'tftp failing',
  'http running',
];

/** Everything that a hand could press: each must be come to, but for cells of a map and options, which arrows reach. */
const CONTROLS =
  '[...document.querySelectorAll("a[href], button:not([role=option]), input, select, summary")].filter((e) => e.checkVisibility()).length';

describe('with a keyboard alone', requires(CHROMIUM), () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  async function show(hash: string, machines = 6) {
    const now = Date.now();
    const api = await new FakeApi({ machines, now: () => now }).start();
    const { page } = await open(browser, `${api.url}${hash}`);
    await page.getByRole('link', { name: 'http running' }).waitFor();
    return {
      api,
      page,
      async [Symbol.asyncDispose]() {
        await page.context().close();
        await api.stop();
      },
    };
  }

  for (const [view, first, more] of [
    ['machines', '.machine', ['All', 'Filter machines', 'db-primary', 'kiosk-03']],
    [
      'machines/52%3A54%3A00%3A00%3A02%3A1a',
      '.timeline',
      ['← All machines', 'Booted', 'DHCP packets, decoded', 'Explain'],
    ],
    ['pool', '.map', ['10.20.30.20 in use db-primary']],
    ['images', '.files', []],
    ['log', '.tail li', ['Level', 'Service', 'Machine or text', 'Pause', 'Log lines']],
    ['services', '.services', []],
  ] as const) {
    test(`every control of ${view.replace(/%.*/, 'MAC')} is come to in the order that is seen, with a ring around it`, async () => {
      await using shown = await show(`#/${view}`);
      const { page } = shown;
      await page.locator(first).first().waitFor();
      const names = await walk(page);
      assert.deepEqual(names.slice(0, HEAD.length), HEAD);
      let at = HEAD.length - 1;
      for (const wanted of more) {
        const found = names.findIndex((name, index) => index > at && name.includes(wanted));
        assert.ok(found > at, `${wanted} after ${names[at]} in ${names.join(' | ')}`);
        at = found;
      }
      assert.ok(names.length >= Number(await page.evaluate(CONTROLS)), names.join(' | '));
    });
  }

  test('all views are opened, and an address is released', async () => {
    await using shown = await show('');
    const { page, api } = shown;
    const press = async (name: string, key = 'Tab') => {
      for (let step = 0; step < 60; step += 1) {
        const focused = (await page.evaluate(FOCUSED)) as Focused | null;
        if (focused?.name === name) return page.keyboard.press('Enter');
        await page.keyboard.press(key);
      }
      throw new Error(`${key} never came to ${name}`);
    };
    await page.locator('.machine').first().waitFor();
    await press('kiosk-03');
    await page.getByRole('heading', { name: 'kiosk-03' }).waitFor();
    // The focus is where the new view begins, not at the top of the page.
    assert.equal(await page.evaluate('document.activeElement.closest("main") !== null'), true);
    await press('DHCP packets, decoded');
    await page.locator('.packet').first().waitFor();
    await press('Explain');
    await page.getByText('It asks as firmware').waitFor();
    for (const view of ['Images', 'Log', 'Services', 'Pool']) {
      await press(view, 'Shift+Tab');
      await page.getByRole('heading', { name: view, level: 1 }).waitFor();
    }
    await page.locator('.map').waitFor();
    await press('10.20.30.20 in use db-primary').catch(() => undefined);
    await page.keyboard.press('ArrowRight');
    await press('Release…');
    await page.getByRole('button', { name: 'Release 10.20.30.21' }).waitFor();
    await press('Release 10.20.30.21');
    await page
      .getByText('10.20.30.21 is free again')
      .or(page.getByRole('option', { name: '10.20.30.21 free' }))
      .first()
      .waitFor();
    assert.deepEqual(api.released, ['10.20.30.21']);
  });

  test('each view is made of landmarks and headings that a screen reader can go by', async () => {
    await using shown = await show('');
    const { page } = shown;
    await page.locator('.machine').first().waitFor();
    const snapshot = await page.locator('body').ariaSnapshot();
    for (const wanted of [
      'banner',
      'navigation "Views"',
      'main',
      'heading "Machines" [level=1]',
      'list "Services"',
      'group "Show"',
      'searchbox "Filter machines"',
      'table "Machines"',
      'columnheader "Outcome"',
      'rowheader',
      'status',
    ])
      assert.ok(snapshot.includes(wanted), `${wanted} in\n${snapshot}`);
    for (const view of ['machines/52%3A54%3A00%3A00%3A02%3A1a', 'pool', 'images', 'log', 'services']) {
      await page.goto(`${shown.api.url}#/${view}`);
      await page.locator('.card, .files, .tail li').first().waitFor();
      assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1, view);
      const unnamed =
        '[...document.querySelectorAll("button, a, input, select")].filter((e) => !(e.textContent.trim() || e.getAttribute("aria-label") || e.labels?.length)).length';
      assert.equal(await page.evaluate(unnamed), 0, view);
    }
  });
});
