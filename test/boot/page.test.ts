import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { Appliance, SERVER } from '../lab/appliance.ts';
import { firmwareNeeds } from '../lab/firmware.ts';
import type { Guest } from '../lab/guest.ts';
import { Lab } from '../lab/net.ts';
import { requires } from '../lab/requires.ts';
import { CHROMIUM, launch, open, type Watched } from '../page/browser.ts';

/** SCREENSHOTS=docs/images: the README's pictures are taken on the way. */
const { SCREENSHOTS } = process.env;
const BOOT_SECONDS = 240;
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };

const BIOS = '52:54:00:00:00:11';
const CARD = '52:54:00:00:00:12';
const LOCKED = '52:54:00:00:00:13';

const needs = requires(
  ...[
    'root',
    'netns',
    'tc',
    'dpkg-deb',
    'busybox',
    '/usr/lib/ipxe/undionly.kpxe',
    '/usr/lib/ipxe/snponly.efi',
  ],
  ...firmwareNeeds('plain-rom', 'ipxe-rom', 'secure-boot'),
  CHROMIUM,
);

describe('the page, while machines boot', needs, () => {
  let lab: Lab;
  let appliance: Appliance;
  let browser: Browser;
  let watched: Watched;
  const guests: Record<string, Guest> = {};

  before(async () => {
    lab = new Lab();
    appliance = new Appliance(lab, { CMDLINE: 'console=ttyS0 bootlab=1', LEASE_COUNT: '60' });
    appliance.addKernel();
    await appliance.serve({});
    // At 20 Mbit/s a kernel takes seconds, however fast the host is: it can be seen on its way.
    const slow = [
      'qdisc',
      'add',
      'dev',
      'srv0',
      'root',
      'tbf',
      'rate',
      '20mbit',
      'burst',
      '64kb',
      'latency',
      '400ms',
    ];
    assert.equal((await appliance.server.run('tc', slow)).status, 0);
    browser = await launch(appliance.server);
    watched = await open(browser, `http://${SERVER}/`, { deviceScaleFactor: 1.5 });
    watched.page.setDefaultTimeout(BOOT_SECONDS * 1000);
  });
  after(async () => {
    await browser?.close();
    await appliance?.stop().finally(() => lab.close());
  });

  const row = (page: Page, mac: string) => page.locator('.machine', { hasText: mac });

  async function shoot(page: Page, name: string, fullPage = false): Promise<void> {
    if (!SCREENSHOTS) return;
    mkdirSync(SCREENSHOTS, { recursive: true });
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage });
  }

  async function shootAs(options: BrowserContextOptions, path: string, name: string): Promise<void> {
    if (!SCREENSHOTS) return;
    const { page } = await open(browser, `http://${SERVER}/${path}`, { deviceScaleFactor: 1.5, ...options });
    await page.locator('.machine, .timeline').first().waitFor();
    await page.waitForTimeout(1000);
    await shoot(page, name);
    await page.context().close();
  }

  test('a row appears with the first request, and its kernel is seen on its way', async () => {
    const { page } = watched;
    guests[LOCKED] = await appliance.boot({ firmware: 'secure-boot', mac: LOCKED });
    guests[BIOS] = await appliance.boot({ firmware: 'plain-rom', mac: BIOS });
    await row(page, BIOS).waitFor();
    guests[CARD] = await appliance.boot({ firmware: 'ipxe-rom', mac: CARD });
    await row(page, BIOS)
      .getByText(/vmlinuz\s*[2-9]\d %/)
      .waitFor();
    await shoot(page, 'machines');
  });

  test('the machines that have come up are shown as booted, with what they really took', async () => {
    const { page } = watched;
    for (const mac of [BIOS, CARD]) {
      await guests[mac]!.until(/BOOTLAB-OK ip=\d/, BOOT_SECONDS);
      await row(page, mac).getByText('Booted').waitFor();
    }
    await row(page, BIOS).getByRole('link').first().click();
    await page.getByText(/The booted system has asked for its address, after/).waitFor();
    const timeline = await page.locator('.timeline').innerText();
    for (const part of [/undionly\.kpxe[\s\S]*TFTP/, /infrakit\.ipxe/, /vmlinuz[\s\S]*MB\/s/, /initrd\.img/])
      assert.match(timeline, part);
    await shoot(page, 'machine');
    await page.getByRole('link', { name: 'All machines' }).click();
  });

  test('a machine with Secure Boot on, which refuses iPXE, is told what it needs', async () => {
    const { page } = watched;
    await guests[LOCKED]!.console.until(/Access Denied|Security Violation/i, { seconds: BOOT_SECONDS });
    const locked = row(page, LOCKED);
    await locked.getByText(/Secure Boot/).waitFor();
    assert.match(await locked.innerText(), /snponly\.efi/);
    await shoot(page, 'machines-after');
    await locked.getByRole('link').first().click();
    await page.getByRole('heading', { name: 'Timeline' }).waitFor();
    await page.getByRole('link', { name: /More about/ }).waitFor();
    await shoot(page, 'diagnosis');
    await shootAs({ colorScheme: 'dark' }, '', 'machines-dark');
    await shootAs({ ...PHONE, colorScheme: 'dark' }, `#/machines/${LOCKED}`, 'phone');
  });

  test('nothing went wrong in the browser, and the page was loaded once', async () => {
    const loads = await watched.page.evaluate('performance.getEntriesByType("navigation").length');
    assert.deepEqual([watched.trouble, loads], [[], 1]);
  });
});
