import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { macOf } from '../lab/fleet/fleet.ts';
import { FleetLab } from '../lab/fleet/fleet-lab.ts';
import type { MachinePlan } from '../lab/fleet/plan.ts';
import { requires } from '../lab/requires.ts';
import { SERVER } from '../lab/site.ts';
import { CHROMIUM, launch, open, type Watched } from './browser.ts';

const machine = (number: number, plan: Partial<MachinePlan>): MachinePlan => {
  return { mac: macOf(number), kind: 'uefi', hostName: `machine-${number}`, pause: 300, ...plan };
};

const NEEDS = ['root', 'netns', 'nft', '/usr/lib/ipxe/undionly.kpxe', '/usr/lib/ipxe/snponly.efi', CHROMIUM];

describe('the page on the real services', requires(...NEEDS), () => {
  let lab: FleetLab;
  let browser: Browser;
  let watched: Watched;

  before(async () => {
    lab = new FleetLab();
    lab.addImages({ kernel: 3_456_789, initrd: 23_456_789 });
    await lab.start();
    browser = await launch(lab.appliance.server);
    watched = await open(browser, `http://${SERVER}/`);
    watched.page.setDefaultTimeout(60_000);
  });
  after(async () => {
    await browser?.close();
    await lab?.stop();
  });

  test('says how to begin while no machine has asked', async () => {
    await watched.page.getByText('No machine has asked for anything yet').waitFor();
    await watched.page.getByText('Ready to boot: vmlinuz').waitFor();
    for (const service of ['dhcp', 'tftp', 'http'])
      await watched.page.getByRole('link', { name: `${service} running` }).waitFor();
  });

  test('shows each machine from its first request to its end, without being loaded anew', async () => {
    const { page } = watched;
    const plans = [
      machine(1, { kind: 'bios' }),
      machine(2, {}),
      machine(3, { kind: 'ipxe-rom' }),
      machine(4, { fault: { does: 'misspells', stage: 'kernel', file: 'vmlinux' } }),
    ];
    await page.evaluate('globalThis.loadedOnce = true');
    lab.fleet.switchOn(plans);
    await page.locator('.machine').nth(3).waitFor();
    await page.getByRole('button', { name: '3 Booted' }).waitFor();
    await page.getByRole('button', { name: '1 In trouble' }).waitFor();
    const failed = page.locator('.machine', { hasText: macOf(4) });
    assert.match(await failed.innerText(), /asked for vmlinux[\s\S]*vmlinuz/);
    assert.match(
      await page.locator('.machine', { hasText: 'machine-2' }).innerText(),
      /10\.88\.0\.\d+[\s\S]*Booted[\s\S]*in [\d.]+ m?s/,
    );
    assert.equal(await page.evaluate('globalThis.loadedOnce'), true);
  });

  test('shows a machine in full: packets from the first DISCOVER, script, explanation, what its diagnosis means', async () => {
    const { page } = watched;
    await page.getByRole('link', { name: macOf(4), exact: true }).click();
    await page.getByText('DHCP packets, decoded').click();
    const first = page.locator('.packets > li').first();
    await first.waitFor();
    assert.match(await first.innerText(), /DISCOVER[\s\S]*OFFER/);
    await page.getByText('Boot script, as of now').click();
    await page.getByText('kernel vmlinuz').waitFor();
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.locator('.because li').first().waitFor();
    await page.getByRole('link', { name: /More about/ }).click();
    await page.getByRole('heading', { name: 'File missing' }).waitFor();
    await page.locator('.help p').nth(1).waitFor();
  });

  test('releases an address, and the map shows it free', async () => {
    const { page } = watched;
    await page.getByRole('link', { name: 'Pool' }).click();
    await page
      .getByRole('option', { name: /in use/ })
      .first()
      .click();
    const address = (await page.locator('.cell-facts b').first().innerText()).trim();
    await page.getByRole('button', { name: 'Release…' }).click();
    await page.getByRole('button', { name: `Release ${address}` }).click();
    await page.getByRole('option', { name: new RegExp(`^${address} (free|given back)`) }).waitFor();
  });

  test('has images, log and services to show, and nothing that a browser would complain about', async () => {
    const { page, trouble } = watched;
    await page.getByRole('link', { name: 'Images' }).click();
    await page.getByRole('rowheader', { name: 'vmlinuz' }).waitFor();
    await page.getByRole('link', { name: 'Log', exact: true }).click();
    await page.getByText('asked for vmlinux').first().waitFor();
    await page.getByRole('link', { name: 'Services', exact: true }).click();
    await page.getByText('server: gives addresses and boot files').waitFor();
    assert.deepEqual(trouble, []);
  });
});
