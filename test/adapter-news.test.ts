import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AdapterNews } from '../src/adapter-news.ts';
import type { Resolution } from '../src/config/resolve.ts';
import { render } from '../src/journal/render.ts';
import { profileOf } from './profile.ts';

function ready(facts: { up?: boolean; carrier?: boolean }): Resolution {
  const { adapter } = profileOf();
  return {
    state: 'ready',
    profile: profileOf({ adapter: { ...adapter, name: 'lan0', ...facts } }),
    notes: [],
  };
}

function newsOf(isOwnBridge = false) {
  const told: string[] = [];
  let now = 0;
  const news = new AdapterNews(
    (event) => told.push(render(event).text),
    isOwnBridge,
    () => now,
  );
  return { news, told, pass: (milliseconds: number) => (now += milliseconds) };
}

test('an adapter that is down is told once, is a hindrance while it is, and is told when it is up again', () => {
  const { news, told } = newsOf();
  for (let looks = 0; looks < 3; looks++) news.look(ready({ up: false }));
  assert.match(news.hindrance ?? '', /lan0 is down/);
  for (let looks = 0; looks < 3; looks++) news.look(ready({}));
  assert.equal(news.hindrance, undefined);
  assert.deepEqual(
    told.map((text) => /down|up again/.exec(text)?.[0]),
    ['down', 'up again'],
  );
});

test('a lost carrier is told, but no hindrance; the own bridge has none until a machine comes', () => {
  const { news, told } = newsOf();
  news.look(ready({ carrier: false }));
  assert.equal(news.hindrance, undefined);
  assert.match(told.join(), /no carrier/);
  const own = newsOf(true);
  own.news.look(ready({ carrier: false }));
  assert.deepEqual(own.told, []);
});

test('one that is gone is a hindrance in the words that tell of it', () => {
  const { news, told } = newsOf();
  const event = { kind: 'config.no-address', adapter: 'lan0' } as const;
  news.look({ state: 'waiting', event });
  assert.deepEqual(told, [news.hindrance]);
  assert.match(told[0]!, /lan0 has no IPv4 address/);
});

test('one that flaps is told ten times a minute, and how it is in the end', () => {
  const { news, told, pass } = newsOf();
  for (let looks = 0; looks < 50; looks++) {
    news.look(ready({ up: looks % 2 === 1 }));
    pass(100);
  }
  assert.equal(told.length, 10);
  news.look(ready({ up: false }));
  pass(60_000);
  news.look(ready({ up: false }));
  assert.equal(told.length, 11);
  assert.match(told.at(-1)!, /lan0 is down/);
});
