import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { requires } from '../lab/requires.ts';
import type { Service } from '../lab/service.ts';
import { DhcpLab, SERVER } from './dhcp-lab.ts';

const needs = requires('root', 'netns', 'busybox', 'curl');
const BREAK = new URL('./break-threads.ts', import.meta.url).href;
const WAIT_S = 20;

/** A service whose threads can be made to throw. */
class Breakable {
  readonly lab: DhcpLab;
  readonly #name: string;
  readonly #signs: string;
  readonly #settings: Readonly<Record<string, string>>;

  constructor(t: TestContext, name: string, settings: Readonly<Record<string, string>> = {}) {
    this.lab = new DhcpLab(t);
    this.#name = name;
    this.#signs = join(this.lab.folder, 'break');
    mkdirSync(this.#signs);
    this.#settings = { ...settings, NODE_OPTIONS: `--import ${BREAK}`, BREAK_THREADS: this.#signs };
  }

  start(): Promise<Service> {
    return this.lab.start(this.#name, this.#settings);
  }

  /** Makes the thread of that script throw. Resolves when it has. */
  async break(script: string): Promise<void> {
    const sign = join(this.#signs, script);
    writeFileSync(sign, '');
    const deadline = performance.now() + WAIT_S * 1000;
    while (existsSync(sign)) {
      assert.ok(performance.now() < deadline, `no thread of ${script}`);
      await sleep(20);
    }
  }
}

for (const name of ['dhcp', 'tftp', 'http'])
  test(
    `${name} ends with status 1 after a fault that nobody caught, and says where it was`,
    needs,
    async (t) => {
      const breakable = new Breakable(t, name);
      const service = await breakable.start();
      await breakable.break('src-main.ts');
      assert.equal(await service.ended(), 1);
      const log = service.log.lines.join('\n');
      assert.match(log, /a fault inside remoteboot, which ends it with status 1.*broken by a test\n +at /);
      assert.match(log, new RegExp(`${name} stopped \\(a fault\\)`));
      await breakable.start();
    },
  );

test('the thread that writes leases is replaced when it dies', needs, async (t) => {
  const breakable = new Breakable(t, 'dhcp');
  const service = await breakable.start();
  const { lab } = breakable;
  assert.equal((await lab.udhcpc())?.ip, '10.77.1.2');
  await breakable.break('leases-sqlite-worker.ts');
  await service.log.until(/the thread that writes leases has ended.*broken by a test/, { seconds: WAIT_S });
  lab.client.ip('link', 'set', 'eth0', 'address', '52:54:00:00:00:77');
  assert.equal((await lab.udhcpc())?.ip, '10.77.1.3');
});

test('the thread that writes the journal is replaced when it dies', needs, async (t) => {
  const breakable = new Breakable(t, 'dhcp');
  const service = await breakable.start();
  await breakable.break('store-journal-worker.ts');
  await service.log.until(/the thread that writes the journal has ended.*broken by a test/, {
    seconds: WAIT_S,
  });
  assert.equal((await breakable.lab.udhcpc())?.ip, '10.77.1.2');
  await sleep(500);
  await breakable.break('store-journal-worker.ts');
});

test(
  'threads that answer HTTP, and the one that reads journals, are replaced when they die',
  needs,
  async (t) => {
    const breakable = new Breakable(t, 'http', { HTTP_WORKERS: '2' });
    const service = await breakable.start();
    const script = () =>
      breakable.lab.server.run('curl', [
        '-sSf',
        '--retry',
        '5',
        '--retry-connrefused',
        `http://${SERVER}/infrakit.ipxe`,
      ]);
    for (const [thread, said] of [
      ['workers-worker.ts', /one of the threads that answer machines has ended.*broken by a test/],
      ['observer-worker.ts', /the journals are not read any more.*broken by a test/],
    ] as const) {
      await breakable.break(thread);
      await service.log.until(said, { seconds: WAIT_S });
      assert.match((await script()).output, /^#!ipxe/);
      // There is another one to be broken.
      await breakable.break(thread);
    }
    assert.equal((await service.stop()).ended, 0);
  },
);

test('a fetch whose thread dies is said to have failed, and is tried again', needs, async (t) => {
  const breakable = new Breakable(t, 'tftp', {
    LOADER_MIRROR: 'http://127.0.0.1:7998/',
    LOG_LEVEL: 'debug',
  });
  const { lab } = breakable;
  // Takes connections and says nothing.
  const mirror = lab.server.spawn('python3', ['-c', MUTE], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => mirror.kill());
  const service = await breakable.start();
  await breakable.break('assets-download-worker.ts');
  await service.log.until(/broken by a test/, { seconds: WAIT_S });
  assert.match(service.log.lines.join('\n'), /could not be fetched: .*broken by a test.*next attempt \(2\)/);
  await breakable.break('assets-download-worker.ts');
});

const MUTE = `
import socket, time
server = socket.create_server(('127.0.0.1', 7998))
time.sleep(60)
`;
