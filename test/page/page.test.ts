import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { requires } from '../lab/requires.ts';
import { CHROMIUM, launch, open } from './browser.ts';
import { FakeApi, type FakeOptions } from './fake-api.ts';
import { BOOT_MS } from './fake-machines.ts';
import { HOSTILE } from './fake-plans.ts';

const NOW = Date.now();

describe('the page', requires(CHROMIUM), () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  /** A page on a fake appliance whose time goes on only when told. */
  async function show(options: FakeOptions & { hash?: string } = {}, context = {}) {
    const time = { now: NOW };
    const api = await new FakeApi({ now: () => time.now, ...options }).start();
    const { page, trouble } = await open(browser, `${api.url}${options.hash ?? ''}`, context);
    return {
      api,
      page,
      trouble,
      time,
      async [Symbol.asyncDispose]() {
        await page.context().close();
        await api.stop();
      },
    };
  }

  test('shows every machine as a row of a table, with its stages in words', async () => {
    await using shown = await show({ machines: 9 });
    const { page } = shown;
    await page.locator('.machine').first().waitFor();
    assert.equal(await page.getByRole('table', { name: 'Machines' }).getByRole('row').count(), 10);
    const row = page.getByRole('row', { name: /rack-02/ });
    assert.equal(
      await row.getByRole('img', { name: /DHCP done; Loader done; iPXE failed; Script not yet/ }).count(),
      1,
    );
    const text = await row.innerText();
    for (const wanted of ['52:54:00:00:01:1a', '10.20.30.21', 'Failed', 'Secure Boot is on'])
      assert.ok(text.includes(wanted), wanted);
    assert.deepEqual(shown.trouble, []);
  });

  test('says what is not known and what is not needed with a word and a pattern of its own', async () => {
    await using shown = await show({ machines: 9 });
    const { page } = shown;
    const row = page.locator('.machine', { hasText: 'node-07' });
    await row.waitFor();
    assert.equal(await row.getByRole('img', { name: /Loader not known; iPXE not known/ }).count(), 1);
    assert.match(await row.innerText(), /Not known/);
    const pattern = String(
      await page.evaluate('getComputedStyle(document.querySelector(".stage.unknown")).backgroundImage'),
    );
    assert.match(pattern, /repeating-linear-gradient/);
    assert.equal(
      await page
        .locator('.machine', { hasText: '52:54:00:00:05:1a' })
        .getByRole('img', { name: /Loader not needed/ })
        .count(),
      1,
    );
  });

  test('follows a boot live, from its file on the way to its end, and tells screen readers of the end', async () => {
    await using shown = await show({ machines: 3 });
    const { page, api, time } = shown;
    const row = page.locator('.machine', { hasText: 'db-primary' });
    await row.getByText('initrd.img-6.12.48+deb13-amd64').waitFor();
    time.now += 1000;
    api.tellMachines();
    await row.getByText(/\d+ % of 68\.4 MB/).waitFor();
    time.now += 2 * BOOT_MS;
    api.tellMachines();
    await row.getByText('Booted').waitFor();
    await page
      .getByRole('status')
      .getByText(/db-primary booted in \d+ s/)
      .waitFor({ state: 'attached' });
    assert.deepEqual(shown.trouble, []);
  });

  test('finds machines by a filter and by what became of them', async () => {
    await using shown = await show({ machines: 30 });
    const { page } = shown;
    await page.locator('.machine').nth(29).waitFor();
    await page.getByRole('searchbox', { name: 'Filter machines' }).fill('kiosk 10.20.30.3');
    await page.waitForFunction('document.querySelectorAll(".machine").length < 10');
    for (const text of await page.locator('.machine').allInnerTexts())
      assert.match(text, /kiosk-\d+[\s\S]*10\.20\.30\.3/);
    await page.getByRole('searchbox').fill('');
    const failed = page.getByRole('button', { name: /2 In trouble/ });
    await failed.click();
    await page.waitForFunction('document.querySelectorAll(".machine").length === 2');
    assert.equal(await failed.getAttribute('aria-pressed'), 'true');
    await page.getByRole('searchbox').fill('no such thing');
    await page.getByText('No machine matches').waitFor();
  });

  test('shows a machine: why it failed and what to do, its timeline, steps, packets, script and earlier attempts', async () => {
    await using shown = await show({ machines: 9 });
    const { page } = shown;
    await page.getByRole('link', { name: 'kiosk-03' }).click();
    await page.getByRole('heading', { name: 'kiosk-03' }).waitFor();
    assert.equal(await page.locator('.lane').count(), 7);
    assert.match(await page.locator('.lane').nth(5).innerText(), /initrd\.img\S+\s+68\.4 MB\s+[\d.]+ MB\/s/);
    await page.getByRole('navigation', { name: 'Attempts' }).getByRole('link').nth(1).click();
    await page.getByText('This is an earlier attempt').waitFor();
    await page.getByText('DHCP packets, decoded').click();
    await page.locator('.packets > li').first().waitFor();
    assert.equal(await page.locator('.packets > li').count(), 2);
    assert.match(await page.locator('.packets > li').first().innerText(), /DISCOVER[\s\S]*OFFER/);
    await page.getByText('Boot script, as of now').click();
    await page.getByText('#!ipxe').waitFor();
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByText('It asks as firmware').waitFor();
    await page.getByText('It would boot vmlinuz-6.12.48+deb13-amd64 with initrd.img.').waitFor();
    const steps = page.getByRole('list', { name: 'The boot, step by step' }).locator('> li');
    assert.deepEqual(await steps.locator('h3').allInnerTexts(), [
      'DISCOVER → OFFER PXE, UEFI x64',
      'Loader snponly.efi an EFI program for 64-bit x86, 280 kB',
      'Script infrakit.ipxe 20 B',
    ]);
    await steps.first().getByText('The packets').click();
    await page.getByText('reply, yiaddr 10.20.30.20, file "snponly.efi"').waitFor();
    await steps.last().getByText('Its text').click();
    await steps.last().locator('pre', { hasText: 'kernel vmlinuz' }).waitFor();
    await page.getByRole('link', { name: '← All machines' }).click();
    await page.getByRole('link', { name: 'rack-02' }).click();
    const card = page.getByRole('region', { name: 'What went wrong' });
    assert.match(await card.innerText(), /Secure Boot is on[\s\S]*What to do[\s\S]*Switch Secure Boot off/);
    assert.equal(await card.getByRole('link').getAttribute('href'), '#/help/loader-never-came-back');
    assert.deepEqual(shown.trouble, []);
  });

  test('says at once that the server is gone, keeps what is known, and goes on when it is back', async () => {
    await using shown = await show({ machines: 3 });
    const { page, api, time } = shown;
    const row = page.locator('.machine', { hasText: 'db-primary' });
    await row.waitFor();
    await api.stop();
    await page
      .getByRole('alert')
      .getByText(/Not connected since .*showing the last known/)
      .waitFor();
    assert.equal(await row.count(), 1);
    await page.getByRole('link', { name: 'dhcp not known' }).waitFor();
    time.now += 2 * BOOT_MS;
    await api.start();
    await row.getByText('Booted').waitFor();
    await page.getByText('Not connected').waitFor({ state: 'detached' });
  });

  test('notices a server that says nothing any more, though no connection has broken', async () => {
    await using shown = await show({ machines: 3 });
    const { page, api } = shown;
    await page.locator('.machine').first().waitFor();
    api.frozen = true;
    await page.getByText('Not connected').waitFor({ timeout: 60_000 });
    api.frozen = false;
    await page.getByText('Not connected').waitFor({ state: 'detached' });
  });

  test('releases an address after a second thought, with a token where the server wants one', async () => {
    await using shown = await show({ token: 'secret', hash: '#/pool' });
    const { page, api } = shown;
    await page.getByRole('option', { name: '10.20.30.22 in use kiosk-03' }).click();
    await page.getByRole('button', { name: 'Release…' }).click();
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.getByRole('button', { name: 'Release…' }).click();
    await page.getByRole('button', { name: 'Release 10.20.30.22' }).click();
    await page.getByRole('alert').getByText('this caller may only read').waitFor();
    assert.deepEqual(api.released, []);
    await page.getByLabel('API token').fill('wrong');
    await page.getByRole('button', { name: 'Release with this token' }).click();
    await page.getByLabel('API token').fill('secret');
    await page.getByRole('button', { name: 'Release with this token' }).click();
    await page.getByRole('option', { name: '10.20.30.22 free' }).waitFor();
    assert.deepEqual(api.released, ['10.20.30.22']);
    const kept = await page.evaluate(
      'JSON.stringify([Object.values(sessionStorage), localStorage.length, document.cookie])',
    );
    assert.equal(kept, '[["secret"],0,""]');
    assert.deepEqual(shown.trouble, []);
  });

  test('draws pools of any size as one stop of the Tab key, and walks it with arrows', async () => {
    await using shown = await show({ pool: 4000, hash: '#/pool' });
    const { page } = shown;
    await page.getByRole('option').nth(3999).waitFor();
    assert.equal(await page.locator('.map [tabindex="0"]').count(), 1);
    await page.getByRole('option').first().focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('.cell-facts').getByText('10.20.30.21').waitFor();
    await page.keyboard.press('End');
    await page.locator('.cell-facts').getByText('10.20.45.179').waitFor();
  });

  test('shows hostile names as text: nothing of them becomes an element, a script or a link', async () => {
    await using shown = await show({ machines: 12, hostile: true });
    const { page } = shown;
    await page.getByText(HOSTILE[0]!, { exact: true }).waitFor();
    await page.getByText(HOSTILE[1]!, { exact: true }).waitFor();
    for (const view of [
      'pool',
      'images',
      'log',
      'machines/52%3A54%3A00%3A00%3A00%3A1a',
      'help/%3Cimg%20src%3Dx%3E',
    ]) {
      await page.goto(`${shown.api.url}#/${view}`);
      await page.locator('.card, .files, .tail li, .help h1').first().waitFor();
      assert.equal(
        await page.evaluate('document.querySelectorAll("main img, main script, [href^=javascript]").length'),
        0,
        view,
      );
    }
    assert.deepEqual(shown.trouble, []);
  });

  test('helps whoever has no machine yet, and no kernel', async () => {
    const images = {
      choice: {
        ready: false,
        reason: 'there is no kernel in images/',
        remedy: 'copy vmlinuz and initrd.img there',
      },
      files: [],
      unreadable: [],
    } as const;
    await using shown = await show({ machines: 0, images });
    const { page } = shown;
    await page.getByText('No machine has asked for anything yet').waitFor();
    await page.getByText('copy vmlinuz and initrd.img there').waitFor();
    await page.getByText('Connect a machine to the network at eth1').waitFor();
    await page.getByRole('link', { name: 'See the images' }).click();
    await page.getByText('Machines cannot boot yet').waitFor();
  });

  test('follows the log only while its end is in sight, and stands still when paused', async () => {
    await using shown = await show({ hash: '#/log' });
    const { page, api } = shown;
    const say = (text: string) => api.tell('log', [{ at: Date.now(), service: 'tftp', level: 'warn', text }]);
    await page.getByRole('log').waitFor();
    say('the first of all');
    await page.getByText('the first of all').waitFor();
    const atEnd =
      'const t = document.querySelector(".tail"); t.scrollHeight - t.scrollTop - t.clientHeight < 30';
    assert.ok(await page.evaluate(`(() => { ${atEnd.replace('; t.', '; return t.')} })()`));
    await page.evaluate('document.querySelector(".tail").scrollTop = 0');
    await page.getByRole('button', { name: '↓ To the end' }).waitFor();
    say('told while looking elsewhere');
    await page.getByText('told while looking elsewhere').waitFor();
    assert.equal(await page.evaluate('document.querySelector(".tail").scrollTop'), 0);
    await page.getByRole('button', { name: 'Pause' }).click();
    say('told while paused');
    await page.getByRole('button', { name: 'Go on (1 new)' }).click();
    await page.getByText('told while paused').waitFor();
    await page.getByLabel('Level').selectOption('error');
    await page.getByText('No line passes the filter').waitFor();
  });

  test('has no horizontal scroll on a phone of 360 px, whatever the view and the names', async () => {
    await using shown = await show(
      { machines: 30, hostile: true },
      { viewport: { width: 360, height: 740 } },
    );
    const { page } = shown;
    for (const view of [
      'machines',
      'machines/52%3A54%3A00%3A00%3A01%3A1a',
      'machines/52%3A54%3A00%3A00%3A04%3A1a',
      'pool',
      'images',
      'log',
      'services',
    ]) {
      await page.goto(`${shown.api.url}#/${view}`);
      await page.locator('.machine, .card, .files, .tail li').first().waitFor();
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, view);
    }
  });
});
