import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Rig } from '../http/rig.ts';
import { requires } from '../lab/requires.ts';
import { CHROMIUM, launch } from './browser.ts';

/** What a page of a stranger would do with the page's own rights. */
const EVIL = `<!doctype html><title>as it came</title><body><script>
  document.title = 'it ran';
  fetch('/api/leases').then(() => (document.title = 'it read'));
</script><img src="x" onerror="document.title = 'it ran'">`;

describe('a file of images/ that a browser opens', requires(CHROMIUM), () => {
  for (const name of ['evil.html', 'evil.svg', 'evil.js', 'evil'])
    test(`runs nothing, whatever it is called (${name})`, async () => {
      await using rig = new Rig();
      const svg = `<svg xmlns="http://www.w3.org/2000/svg"><title>as it came</title><script>document.title = 'it ran'</script></svg>`;
      rig.images.write(name, name.endsWith('.svg') ? svg : EVIL);
      await rig.start();
      const browser = await launch();
      try {
        const page = await browser.newPage();
        const asked: string[] = [];
        page.on('request', (request) => asked.push(new URL(request.url()).pathname));
        // A download is no page at all.
        await page
          .goto(`${rig.url}/${name}`)
          .catch((error: Error) => assert.match(error.message, /Download/));
        await page.waitForTimeout(300);
        assert.doesNotMatch(await page.title(), /it (ran|read)/);
        assert.ok(!asked.includes('/api/leases'), asked.join(' '));
        assert.ok(asked.includes(`/${name}`));
      } finally {
        await browser.close();
      }
    });
});
