import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '../../src/journal/event.ts';
import { ControlServer } from '../../src/platform/control.ts';
import { askControl, type ControlCall } from '../../src/platform/control-client.ts';
import {
  type ControlRoutes,
  ControlTrouble,
  controlSocket,
  MOST_BYTES,
} from '../../src/platform/control-protocol.ts';

class Control {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'control-'));
  readonly file = controlSocket(this.folder, 'dhcp');
  readonly events: Event[] = [];
  readonly #servers: ControlServer[] = [];

  constructor(context: TestContext) {
    context.after(() => {
      for (const server of this.#servers) server.close();
      rmSync(this.folder, { recursive: true });
    });
  }

  async serve(routes: ControlRoutes, files: readonly string[] = [this.file]): Promise<ControlServer> {
    const sink = (event: Event) => this.events.push(event);
    const server = new ControlServer({ service: 'dhcp', files, routes: () => routes, sink });
    this.#servers.push(server);
    await server.start();
    return server;
  }

  ask(call: Partial<ControlCall> = {}) {
    return askControl({
      file: this.file,
      service: 'dhcp',
      method: 'GET',
      path: '/x',
      timeoutMs: 5000,
      ...call,
    });
  }

  /** Sends bytes as they are; what comes back until the other end hangs up. */
  raw(bytes: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = net.connect(this.file, () => socket.write(bytes));
      let answer = '';
      socket.on('data', (data) => {
        answer += data;
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(answer));
    });
  }
}

test('questions and answers are JSON, and troubles keep their status', async (t) => {
  const control = new Control(t);
  await control.serve({
    'GET /x': () => ({ number: 1 }),
    'POST /echo': async (body) => body,
    'POST /no': () => {
      throw new ControlTrouble(409, 'not now', 'later');
    },
  });
  assert.deepEqual(await control.ask(), { status: 200, body: { number: 1 } });
  const echo = { method: 'POST', path: '/echo', body: { text: 'ü' } } as const;
  assert.deepEqual(await control.ask(echo), { status: 200, body: { text: 'ü' } });
  const no = await control.ask({ method: 'POST', path: '/no' });
  assert.deepEqual(no, { status: 409, body: { error: 'not now', remedy: 'later' } });
  const other = await control.ask({ path: '/other' });
  assert.equal(other.status, 404);
  assert.match(JSON.stringify(other.body), /dhcp does not answer GET \/other/);
});

test('a fault in an answer is told, the caller gets no details, and the next question is answered', async (t) => {
  const control = new Control(t);
  let faulty = true;
  await control.serve({
    'GET /x': () => {
      if (faulty) throw new TypeError('secret detail');
      return {};
    },
  });
  const { status, body } = await control.ask();
  assert.equal(status, 500);
  assert.doesNotMatch(JSON.stringify(body), /secret/);
  assert.equal(control.events[0]?.kind, 'config.unexpected');
  faulty = false;
  assert.equal((await control.ask()).status, 200);
});

test('only this user may open a socket, and no other file is left beside it', async (t) => {
  const control = new Control(t);
  await control.serve({});
  assert.equal(statSync(control.file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(control.folder), ['control-dhcp.sock']);
});

test('what a killed process has left is replaced; the end of an older process does not take a newer one’s socket away', async (t) => {
  const control = new Control(t);
  writeFileSync(control.file, 'left behind');
  const older = await control.serve({ 'GET /x': () => 'older' });
  assert.equal((await control.ask()).body, 'older');
  const newer = await control.serve({ 'GET /x': () => 'newer' });
  older.close();
  assert.equal((await control.ask()).body, 'newer');
  newer.close();
  assert.equal(existsSync(control.file), false);
});

test('a socket that was removed is made anew; one that a newer process has put there is left to it', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const control = new Control(t);
  await control.serve({ 'GET /x': () => 'older' });
  rmSync(control.file);
  t.mock.timers.tick(10_000);
  const made = () => existsSync(control.file);
  for (let tries = 0; !made() && tries < 500; tries++) await sleep(10);
  assert.equal((await control.ask()).body, 'older');
  const newer = await control.serve({ 'GET /x': () => 'newer' });
  t.mock.timers.tick(10_000);
  assert.equal((await control.ask()).body, 'newer');
  newer.close();
  t.mock.timers.tick(10_000);
  for (let tries = 0; !made() && tries < 500; tries++) await sleep(10);
  assert.equal((await control.ask()).body, 'older');
});

test('a path that is too long for a socket is told with its length, and the other sockets work', async (t) => {
  const control = new Control(t);
  const deep = path.join(control.folder, 'x'.repeat(100));
  await control.serve({ 'GET /x': () => 'well' }, [controlSocket(deep, 'dhcp'), control.file]);
  assert.equal((await control.ask()).body, 'well');
  assert.deepEqual(
    control.events.map((event) => event.kind === 'config.no-control' && event.reason),
    [`its path has ${deep.length + 18} bytes, and a socket's may have 107 at most`],
  );
});

test('a folder where no socket can be made is told, and is no reason to fail', async (t) => {
  const control = new Control(t);
  writeFileSync(path.join(control.folder, 'file'), '');
  await control.serve({}, [controlSocket(path.join(control.folder, 'file'), 'dhcp')]);
  assert.equal(control.events[0]?.kind, 'config.no-control');
});

test('a folder that is not there yet is made', async (t) => {
  const control = new Control(t);
  const file = controlSocket(path.join(control.folder, 'state'), 'dhcp');
  await control.serve({ 'GET /x': () => 1 }, [file]);
  assert.equal((await control.ask({ file })).body, 1);
});

test('nonsense, half a request and too much of one end nothing', async (t) => {
  const control = new Control(t);
  await control.serve({ 'GET /x': () => 'well', 'POST /x': () => 'taken' });
  assert.equal(await control.raw('nonsense\r\n\r\n'), '');
  const half = net.connect(control.file, () =>
    half.write('POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{'),
  );
  half.on('error', () => {});
  const json = await control.raw('POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n{');
  assert.match(json, /^HTTP\/1\.1 400 [\s\S]*not JSON/);
  const large = await control.ask({ method: 'POST', body: 'x'.repeat(MOST_BYTES + 1) });
  assert.ok([413, 503].includes(large.status), `${large.status}`);
  assert.equal((await control.ask()).body, 'well');
  half.destroy();
});

test('an answer that does not come in time, or is too large, is 503 with what to do', async (t) => {
  const control = new Control(t);
  await control.serve({
    'GET /never': () => new Promise(() => {}),
    'GET /large': () => 'x'.repeat(MOST_BYTES),
  });
  const never = await control.ask({ path: '/never', timeoutMs: 30 });
  assert.equal(never.status, 503);
  assert.match(JSON.stringify(never.body), /silent for 30 ms.*docker compose ps dhcp/);
  const large = await control.ask({ path: '/large' });
  assert.match(JSON.stringify(large.body), /too large/);
  mkdirSync(path.join(control.folder, 'empty'));
  const nobody = await control.ask({ file: path.join(control.folder, 'empty', 'none.sock') });
  assert.match(JSON.stringify(nobody.body), /dhcp is not running/);
});
