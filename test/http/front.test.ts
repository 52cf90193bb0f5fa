import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import type { Answer } from '../../src/http/answer.ts';
import { Deliveries } from '../../src/http/delivery.ts';
import { Front } from '../../src/http/front.ts';
import { WireHeads } from '../../src/http/wire-head.ts';

/** The other end of a connection, and a front with a clock of its own. */
class Machine extends Duplex {
  heard = '';

  constructor() {
    super({ allowHalfOpen: true });
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.heard += bytes.toString('latin1');
    done();
  }
}

function fronted(
  answer: Answer | Promise<Answer> | (() => never) = { status: 200, headers: {}, body: Buffer.from('hello') },
  isCrowded = false,
) {
  const clock = { now: 0 };
  const late: Socket[] = [];
  const others: string[] = [];
  const faults: unknown[] = [];
  const front = new Front({
    files: { answer: typeof answer === 'function' ? answer : () => answer },
    transfers: { send: () => new Promise(() => {}) },
    deliveries: new Deliveries(() => 0),
    seats: { take: () => true, isCrowded },
    heads: new WireHeads(() => 0),
    isReserved: (path) => path === '/',
    handOver: (socket) => {
      socket.on('data', (bytes: Buffer) => others.push(bytes.toString()));
      socket.resume();
    },
    late: (socket) => late.push(socket),
    monotonic: () => clock.now,
    fault: (error) => faults.push(error),
  });
  const machine = new Machine();
  front.accept(machine as unknown as Socket);
  const at = (seconds: number) => {
    clock.now = seconds * 1000;
    front.sweep();
  };
  return { machine, front, at, late, others, faults };
}
const REQUEST = 'GET /x HTTP/1.1\r\nHost: x\r\n\r\n';
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a connection on which nothing is asked for a minute is told so, once', () => {
  const { machine, at, late } = fronted();
  at(59);
  assert.deepEqual(late, []);
  at(60);
  at(200);
  assert.equal(late.length, 1);
  assert.equal(machine.destroyed, false);
});

test('a connection is kept for the next request for 65 seconds after the last', async () => {
  const { machine, at } = fronted();
  for (const seconds of [0, 50, 110]) {
    at(seconds);
    machine.push(REQUEST);
    await turn();
  }
  assert.equal(machine.heard.match(/hello/g)?.length, 3);
  at(174);
  assert.equal(machine.destroyed, false);
  at(175);
  assert.equal(machine.destroyed, true);
});

test('where connections are short, idle ones are given up sooner', async () => {
  const silent = fronted(undefined, true);
  silent.at(9);
  assert.equal(silent.late.length, 0);
  silent.at(10);
  assert.equal(silent.late.length, 1);
  const { machine, at } = fronted(undefined, true);
  machine.push(REQUEST);
  await turn();
  at(14);
  assert.equal(machine.destroyed, false);
  at(15);
  assert.equal(machine.destroyed, true);
});

test('a machine that takes nothing of its file for 300 seconds has been switched off', async () => {
  const asset = {
    name: 'x',
    size: 1,
    version: { key: 'v', size: 1, modified: 0 },
    read: () => Buffer.alloc(1),
    close() {},
  };
  const { machine, at } = fronted({ status: 200, headers: {}, file: { asset, part: { first: 0, last: 0 } } });
  machine.push(REQUEST);
  await turn();
  at(299);
  assert.equal(machine.destroyed, false);
  at(300);
  assert.equal(machine.destroyed, true);
});

test('what is not for the short path is handed over with every byte, and is not swept any more', async () => {
  for (const odd of ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'POST /x HTTP/1.1\r\n', 'G', `${REQUEST}?`]) {
    const { machine, at, others, late } = fronted();
    machine.push(odd);
    for (let turns = 0; turns < 3; turns++) await turn();
    const rest = odd.startsWith(REQUEST) ? odd.slice(REQUEST.length) : odd;
    assert.equal(others.join(''), rest);
    at(1000);
    assert.equal(machine.destroyed, false);
    assert.deepEqual(late, []);
  }
});

test('a machine that goes away during the search for its file is no fault', async () => {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const { machine, front, faults } = fronted(promise);
  machine.push(REQUEST);
  await turn();
  machine.destroy(new Error('ECONNRESET'));
  resolve({ status: 404, headers: {}, body: Buffer.from('none') });
  await turn();
  assert.equal(machine.heard, '');
  assert.deepEqual(faults, []);
  front.close();
});

test('a fault in answering one request is told and costs that connection', async () => {
  const fault = new Error('a fault');
  const { machine, faults } = fronted(() => {
    throw fault;
  });
  machine.push(REQUEST);
  await turn();
  assert.deepEqual(faults, [fault]);
  assert.ok(machine.destroyed);
});
