import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../lab/leftovers.ts';
import { Lab } from '../lab/net.ts';
import { requires } from '../lab/requires.ts';
import { Service } from '../lab/service.ts';
import { SERVER, Site } from '../lab/site.ts';
import { Transcript } from '../lab/transcript.ts';

const HOLD = fileURLToPath(new URL('./hold-http.ts', import.meta.url));
const SIZE = 20_000_000;
const HOLDERS = Array.from({ length: 8 }, (_, n) => `10.88.0.${60 + n}`);
/** Of a connection that does nothing, in kilobytes; stated in docs/reliability.md. */
const MOST_KB = 15;

async function serving(t: TestContext, settings: Readonly<Record<string, string>> = {}) {
  const lab = new Lab();
  t.after(() => lab.close());
  const site = new Site(lab);
  const folder = temporaryFolder('http-flood');
  for (const name of ['state', 'images']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'images', 'big.img'), Buffer.alloc(SIZE, 'x'));
  const service = new Service(site.server, 'http', {
    ADAPTER: 'srv0',
    STATE_DIR: join(folder, 'state'),
    IMAGES_DIR: join(folder, 'images'),
    TMPDIR: folder,
    HTTP_WORKERS: '1',
    ...settings,
  });
  t.after(() => service.stop('SIGKILL'));
  for (const address of HOLDERS) site.switch.address('br0', `${address}/24`);
  await service.log.until(/http serves/, { seconds: 30 });
  /** Opens connections from here until the end of the test. */
  const hold = (count: number, what: 'idle' | 'head', from: readonly string[]) => {
    const child = site.switch.spawn(process.execPath, [HOLD, SERVER, String(count), what, ...from]);
    const said = new Transcript(`${count} connections`);
    said.follow(child.stdout, child.stderr);
    child.once('close', () => said.end());
    return said;
  };
  /** Bytes and seconds. */
  const load = async (path: string) => {
    const call = ['-sS', '-m', '20', '-o', '/dev/null', '-w', '%{size_download} %{time_total}'];
    const { output } = await site.switch.run('curl', [...call, `http://${SERVER}${path}`], 30);
    return output.split(' ').map(Number);
  };
  const kilobytes = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${service.pid}/status`, 'utf8'))?.[1]);
  return { service, hold, load, kilobytes };
}

const ROUTE = requires('root', 'netns', 'curl');

for (const what of ['idle', 'head'] as const)
  test(
    `10,000 connections (${what}) cost some kilobytes each, and machines load beside them`,
    ROUTE,
    async (t) => {
      const { hold, load, kilobytes } = await serving(t);
      await load('/big.img');
      const before = kilobytes();
      const said = hold(10_000, what, HOLDERS);
      await said.until(/holds 10000 of 10000/, { seconds: 40 });
      const each = (kilobytes() - before) / 10_000;
      t.diagnostic(`${each.toFixed(1)} kB each`);
      assert.ok(each < MOST_KB, `${each} kB each`);
      const [bytes] = await load('/big.img');
      assert.equal(bytes, SIZE);
    },
  );

test(
  'beyond the limits the oldest idle ones give way, of the one that has too many; the log says who and what to do',
  ROUTE,
  async (t) => {
    const { service, hold, load } = await serving(t, {
      HTTP_CONNECTIONS: '500',
      HTTP_CONNECTIONS_PER_ADDRESS: '200',
    });
    const said = hold(3000, 'head', HOLDERS.slice(0, 1));
    await said.until(/of 3000/, { seconds: 40 });
    assert.equal((await load('/big.img'))[0], SIZE);
    await service.log.until(
      /10\.88\.0\.60, \d+ times in \d+ s, asked for more than 200 connections \(HTTP_CONNECTIONS_PER_ADDRESS\)/,
    );
    hold(3000, 'idle', HOLDERS);
    await service.log.until(/all 500 connections were taken \(HTTP_CONNECTIONS\)/, { seconds: 40 });
    for (let n = 0; n < 5; n++) assert.equal((await load('/big.img'))[0], SIZE);
  },
);
