import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { temporaryFolder } from '../lab/leftovers.ts';
import type { Host } from '../lab/net.ts';

export const CHROMIUM = '/usr/bin/chromium';

/** A headless Chromium, its sandbox off: root has none. On a host of the lab it sees that host's network alone. */
export function launch(host?: Host): Promise<Browser> {
  const executablePath = host ? within(host) : CHROMIUM;
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}

/** A program that starts Chromium inside. */
function within(host: Host): string {
  const file = join(temporaryFolder('chromium'), 'chromium');
  const [command, args] = host.command(CHROMIUM, []);
  writeFileSync(file, `#!/bin/sh\nexec ${[command, ...args].join(' ')} "$@"\n`, { mode: 0o755 });
  return file;
}

/** A page that keeps what must never be seen: script errors, broken policies, dialogs, requests to elsewhere. */
export interface Watched {
  readonly page: Page;
  readonly trouble: string[];
}

/** Long past what a page takes that is loaded twice on a busy host. */
const RENDERED_MS = 60_000;

/** Opens the page there and resolves when it is drawn. @throws Error with the requests that failed where it never is. */
export async function open(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const trouble: string[] = [];
  page.on('pageerror', (error) => trouble.push(`error: ${error.stack}`));
  page.on('dialog', (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    // A refused or cut connection is printed by the browser itself.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      trouble.push(message.text());
  });
  const failed: string[] = [];
  page.on('requestfailed', (request) => failed.push(`${request.url()} ${request.failure()?.errorText}`));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) trouble.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  await rendered(page, failed);
  return { page, trouble };
}

/** The page loads itself again where the network changed under it; one that never comes says what it lacks. */
async function rendered(page: Page, failed: readonly string[]): Promise<void> {
  await page
    .locator('main')
    .waitFor({ timeout: RENDERED_MS })
    .catch(() => {
      throw new Error(`the page was never drawn; requests that failed:\n${failed.join('\n')}`);
    });
}
