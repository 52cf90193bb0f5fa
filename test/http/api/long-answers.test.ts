import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as later, setImmediate as turn } from 'node:timers/promises';
import express from 'express';
import { sendLongJson } from '../../../src/http/api/long-json.ts';
import { sharedAnswer } from '../../../src/http/api/shared-answer.ts';
import { Served } from './served.ts';

test('an answer that takes work is made once for all who ask within its time, and anew after it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let made = 0;
  const ask = sharedAnswer(async () => ++made, 500);
  assert.deepEqual(await Promise.all([ask(), ask(), ask()]), [1, 1, 1]);
  t.mock.timers.tick(499);
  assert.equal(await ask(), 1);
  t.mock.timers.tick(1);
  assert.equal(await ask(), 2);
});

test('an answer that could not be made is no answer for the next who asks', async () => {
  let made = 0;
  const ask = sharedAnswer(async () => {
    made += 1;
    if (made === 1) throw new Error('no');
    return made;
  }, 500);
  await assert.rejects(ask());
  assert.equal(await ask(), 2);
});

test('JSON of any length leaves turns for others while it is sent, and arrives whole', async () => {
  const list = new Uint8Array(40_000_000).fill(0x20);
  const router = express.Router().get('/long', (request, response) => {
    return sendLongJson(request, response, ['{"list":[', list, '1]}']);
  });
  await using api = await Served.start(router);
  let turns = 0;
  let over = false;
  const counting = (async () => {
    while (!over) {
      await turn();
      turns += 1;
    }
  })();
  const response = await api.get('/long');
  assert.equal(response.headers.get('content-length'), String(9 + list.length + 3));
  const text = await response.text();
  over = true;
  await counting;
  assert.deepEqual(JSON.parse(text), { list: [1] });
  assert.ok(turns > list.length / (256 * 1024), `${turns} turns`);
  const head = await api.get('/long', { method: 'HEAD' });
  assert.equal(head.headers.get('content-length'), String(9 + list.length + 3));
});

test('whoever hangs up in the middle of a long answer is no fault', async () => {
  const faults: unknown[] = [];
  const router = express.Router().get('/long', (request, response) => {
    return sendLongJson(request, response, [new Uint8Array(40_000_000).fill(0x20)]).catch((error) =>
      faults.push(error),
    );
  });
  await using api = await Served.start(router);
  const leaving = new AbortController();
  const response = await api.get('/long', { signal: leaving.signal });
  leaving.abort();
  await assert.rejects(response.text());
  await later(50);
  assert.deepEqual(faults, []);
  assert.equal((await api.get('/long', { method: 'HEAD' })).status, 200);
});
