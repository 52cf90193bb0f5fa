import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { requires } from '../lab/requires.ts';
import { CHROMIUM, launch, open } from './browser.ts';
import { FakeApi } from './fake-api.ts';

const NOW = Date.now();

/** Each would set `hacked`, load something, or break out of what it stands in. */
const PAYLOADS = [
  '<img src=/hacked onerror="hacked=1">', '"><script>hacked=1</script>', "'><svg onload=hacked=1>", '</pre></script><script src=/hacked></script>', 'javascript:hacked=1',
  '<iframe srcdoc="<script>parent.hacked=1</script>"></iframe>', '<a href="javascript:hacked=1">x</a>', '<style>*{background:url(/hacked)}</style>', '<base href=//evil/>',
  '<form action=/hacked><button autofocus>', '<meta http-equiv=refresh content="0;url=/hacked">', '[x](javascript:hacked=1)', '`<b>`', '${hacked=1}', '{{constructor.constructor("hacked=1")()}}',
  'data:text/html,<script>hacked=1</script>', '\u202egnp.exe\u2066\u200b\u00ad\u{e0041}', '\0\u001b[31m\u009b\r\n\u2028', 'مرحبا שלום', `${'x'.repeat(10_000)}`, `${'\u{1f4a5}'.repeat(500)}`, '__proto__', '\ud800',
]; // biome-ignore format: a table

/** Where an answer has free text; all other texts are words that the page knows. */
const FREE: ReadonlySet<string> = new Set(
  `hostName file text cause remedy note notes what why cmdline summary reason problems lines because verdict request reply url who holder error label kernel initrds version
  relay destination loader`.split(/\s+/),
);
/** A name is free but for those of stages, services and events. */
const WORDS = /^(address|loader|ipxe|script|kernel|initrd|system|dhcp|tftp|http)$/;

/** The answer with one of the payloads behind each text that a machine, a file or an operator has a say in. */
function tainting() {
  // The same one wherever a text stands, and whenever it is asked for.
  const payload = (text: string) =>
    PAYLOADS[
      [...text].reduce((sum, letter) => (31 * sum + letter.codePointAt(0)!) % 9973, 7) % PAYLOADS.length
    ]!;
  const taint = (value: unknown, key = ''): unknown => {
    if (Array.isArray(value)) return value.map((each) => taint(each, key));
    if (value && typeof value === 'object')
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, taint(each, name)]));
    if (typeof value !== 'string') return value;
    return FREE.has(key) || (key === 'name' && !WORDS.test(value)) ? `${value} ${payload(value)}` : value;
  };
  return (answer: unknown) => taint(answer);
}

/** What became of the payloads: nothing of this may ever be there. */
const DONE = `(() => {
  const main = document.body;
  const found = [];
  if (globalThis.hacked !== undefined || {}.hacked !== undefined) found.push('a script ran');
  for (const violation of globalThis.violations) found.push('violation: ' + violation);
  for (const element of main.querySelectorAll('script, iframe, object, embed, form, base, meta, style, link, svg script, img:not([src="/page/icon.svg"])'))
    found.push(element.outerHTML.slice(0, 200));
  for (const element of main.querySelectorAll('*')) {
    for (const { name, value } of element.attributes)
      if (name.startsWith('on') || /^\\s*(javascript|data|vbscript):/i.test(value) || ((name === 'href' || name === 'src') && !/^(#|\\/page\\/)/.test(value)))
        found.push(element.localName + ' ' + name + '=' + value.slice(0, 100));
  }
  return found;
})()`;

/** What takes more room across than the window has. */
const TOO_WIDE = `document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('main *')]
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
  .map(({ localName, className, textContent }) => localName + '.' + className + ': ' + textContent.slice(0, 40))`;

const VIEWS = [
  'machines',
  ...[0, 1, 3, 4].map((machine) => `machines/52%3A54%3A00%3A00%3A0${machine}%3A1a`),
  'machines/%3Cimg%20src%3D%2Fhacked%20onerror%3Dhacked%3D1%3E/javascript%3Ahacked%3D1',
  'pool',
  'images',
  'log',
  'services',
  'help/%3Cscript%3Ehacked%3D1%3C%2Fscript%3E',
  'help/loader-never-came-back',
  '%3Cscript%3Ehacked%3D1%3C%2Fscript%3E',
  'javascript:hacked=1',
];

describe('a page that is told hostile names, files, lines and diagnoses', requires(CHROMIUM), () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  /** Opens everything that can be opened: packets, scripts, explanations. */
  async function unfold(page: Page): Promise<void> {
    for (const summary of await page.locator('main summary').all()) await summary.click();
    const explain = page.getByRole('button', { name: 'Explain' });
    if ((await explain.count()) === 0) return;
    await explain.click();
    await page.locator('.exchanges').waitFor();
    for (const summary of await page.locator('.exchanges summary').all()) await summary.click();
  }

  for (const width of [1280, 360]) {
    test(`shows them as text in every view, ${width} pixels wide: nothing runs, nothing is loaded, nothing sticks out`, {
      timeout: 120_000,
    }, async () => {
      await using api = await new FakeApi({
        machines: 12,
        hostile: true,
        now: () => NOW,
        taint: tainting(),
      }).start();
      const { page, trouble } = await open(browser, api.url, { viewport: { width, height: 800 } });
      const asked: string[] = [];
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
      await page.addInitScript(`globalThis.violations = [];
        addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective + ' ' + event.blockedURI));`);
      let shown = '';
      for (const view of VIEWS) {
        await page.goto(`${api.url}?${encodeURIComponent(view)}#/${view}`);
        await page.locator('main h1').waitFor();
        await page
          .locator('main :is(.machine, .card, .files, .tail li, .help, .none, .trouble, p)')
          .first()
          .waitFor();
        if (view.startsWith('machines/52')) await page.locator('main .card').nth(2).waitFor();
        await unfold(page);
        api.tellMachines();
        api.tell('log', [{ at: NOW, service: 'tftp', level: 'warn', text: 'a line that came later' }]);
        if (view === 'log') await page.getByText('a line that came later').first().waitFor();
        await page.evaluate('new Promise(requestAnimationFrame)');
        assert.deepEqual(await page.evaluate(DONE), [], view);
        assert.deepEqual(await page.evaluate(TOO_WIDE), [], `${view} is too wide`);
        const text = await page.locator('main').innerText();
        const unseen = text.match(/.{0,40}(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu) ?? [];
        assert.deepEqual(unseen, [], `${view} shows what is not seen`);
        shown += text;
        if (process.env.HOSTILE_PICTURES)
          await page.screenshot({
            path: `${process.env.HOSTILE_PICTURES}/${width}-${VIEWS.indexOf(view)}.png`,
          });
      }
      for (const text of PAYLOADS.slice(0, 14))
        assert.ok(shown.includes(text), `${text} was not shown as text`);
      assert.deepEqual(
        [...new Set(asked)].filter((path) => !/^\/($|page\/|api\/|events$)/.test(path)),
        [],
      );
      assert.deepEqual(trouble, []);
      await page.context().close();
    });
  }
});
