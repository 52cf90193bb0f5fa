import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { launch, open } from './browser.ts';

/**
 * `node test/page/screenshots.ts URL [FOLDER] [MAC]`: pictures of the page at URL into docs/images/. MAC is the machine whose own view is shown;
 * the first of the list by default.
 */
const [url, folder = 'docs/images', mac] = process.argv.slice(2);
if (!url) throw new Error('which page? node test/page/screenshots.ts http://10.99.0.1/');
mkdirSync(folder, { recursive: true });

const WIDE = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1.5 };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };

const browser = await launch();
for (const colorScheme of ['light', 'dark'] as const) {
  for (const [size, options] of Object.entries({ wide: WIDE, phone: PHONE })) {
    const { page, trouble } = await open(browser, url, { ...options, colorScheme });
    const shoot = (name: string, fullPage = false) =>
      page.screenshot({ path: path.join(folder, `${name}-${size}-${colorScheme}.png`), fullPage });
    await page.locator('.machine, .empty').first().waitFor();
    await page.waitForTimeout(1500);
    await shoot('machines');
    await seeMachine(page, mac);
    await shoot('machine', true);
    for (const view of ['pool', 'images', 'log', 'services']) {
      await page.goto(`${url}#/${view}`);
      await page.locator('.card, .files, .tail li').first().waitFor();
      await page.waitForTimeout(300);
      await shoot(view);
    }
    if (trouble.length > 0) throw new Error(trouble.join('\n'));
    await page.context().close();
  }
}
await browser.close();

async function seeMachine(page: Page, wanted: string | undefined): Promise<void> {
  const row = wanted ? page.locator(`.machine:has-text("${wanted}")`) : page.locator('.machine').first();
  await row.getByRole('link').first().click();
  await page.locator('.timeline').waitFor();
  await page.waitForTimeout(500);
}
