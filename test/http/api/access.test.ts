import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AccessRules, type Call, isLocal, refusalOf } from '../../../src/http/api/access.ts';
import { parseIpv4, subnetOf } from '../../../src/protocol/ipv4.ts';

const TOKEN = 'a-token-of-sixteen-characters';
const RULES: AccessRules = {
  subnet: subnetOf(parseIpv4('10.99.0.1')!, 24),
  isOwn: (address) => ['127.0.0.1', '::1', '192.0.2.7'].includes(address),
  isToken: undefined,
  domain: 'lab.example',
  hostName: 'boot.corp.example',
};
const WITH_TOKEN: AccessRules = { ...RULES, isToken: (presented) => presented === TOKEN };

const READ: Call = {
  method: 'GET',
  address: '203.0.113.9',
  host: '10.99.0.1',
  origin: undefined,
  fetchSite: undefined,
  fetchMode: undefined,
  authorization: undefined,
  contentType: undefined,
};
const WRITE: Call = { ...READ, method: 'POST', address: '10.99.0.50', contentType: 'application/json' };
const status = (call: Call, rules = RULES) => refusalOf(call, rules)?.status ?? 'answered';

test('everybody may read, also from elsewhere', () => {
  assert.equal(status(READ), 'answered');
  assert.equal(status({ ...READ, method: 'HEAD' }), 'answered');
});

test('names that no stranger can own are answered, with or without a port', () => {
  for (const host of [
    '10.99.0.1',
    '10.99.0.1:8080',
    '[fe80::1]',
    '[::1]:80',
    'localhost',
    'bootserver',
    'BootServer:8080',
    'boot.corp.example',
    'boot.corp.example.',
    'lab.example',
    'boot.lab.example',
    'x.local',
    'x.lan',
    'x.internal',
    'x.home.arpa',
    'x.test',
    'x.localhost',
  ])
    assert.equal(status({ ...READ, host }), 'answered', host);
});

test('a name that somebody else may have pointed here is refused, with the way that works', () => {
  for (const host of [
    'evil.example',
    'corp.example',
    'lab.example.evil.com',
    'evillab.example',
    'xlocal.com',
    '10.99.0.1.evil.com',
    '1.2.3.4.5',
    'localhost.evil.com',
    '127.0.0.1.nip.io',
  ])
    assert.equal(status({ ...READ, host }), 403, host);
  assert.match(refusalOf({ ...READ, host: 'evil.example' }, RULES)!.remedy, /use the address of the server/);
});

test('a Host header that names no host is a bad request', () => {
  for (const host of [undefined, '', ':80', 'a b', 'http://10.99.0.1', 'user@10.99.0.1', '[::1', '.'])
    assert.equal(status({ ...READ, host }), 400, String(host));
});

test('calls from pages of other sites are refused, whatever they are', () => {
  for (const origin of [
    'http://evil.example',
    'https://evil.example',
    'null',
    'http://10.99.0.1:8080',
    'http://10.99.0.10',
    'http://10.99.0.1@evil.example',
    'file://',
    'chrome-extension://abc',
    '',
  ])
    for (const call of [READ, WRITE]) assert.equal(status({ ...call, origin }), 403, origin);
  for (const fetchSite of ['cross-site', 'same-site', 'anything'])
    for (const call of [READ, WRITE]) assert.equal(status({ ...call, fetchSite }), 403, fetchSite);
});

test('our own page may call, by whatever name it was opened', () => {
  for (const [host, origin] of [
    ['10.99.0.1', 'http://10.99.0.1'],
    ['10.99.0.1:8080', 'http://10.99.0.1:8080'],
    ['10.99.0.1:80', 'http://10.99.0.1'],
    ['boot.lan', 'https://boot.lan'],
    ['[::1]', 'http://[::1]'],
  ] as const) {
    assert.equal(status({ ...READ, host, origin, fetchSite: 'same-origin' }), 'answered');
    assert.equal(status({ ...WRITE, host, origin, fetchSite: 'same-origin' }), 'answered');
  }
  assert.equal(status({ ...READ, fetchSite: 'none', fetchMode: 'navigate' }), 'answered');
});

test('a link on another site may lead here, but never to a write', () => {
  const link = { fetchSite: 'cross-site', fetchMode: 'navigate' };
  assert.equal(status({ ...READ, ...link }), 'answered');
  assert.equal(status({ ...WRITE, ...link }), 403);
});

test('those on the served subnet and on the host itself write without a token', () => {
  for (const address of [
    '10.99.0.50',
    '::ffff:10.99.0.50',
    '127.0.0.1',
    '::1',
    '192.0.2.7',
    '::ffff:192.0.2.7',
  ]) {
    assert.equal(status({ ...WRITE, address }), 'answered', address);
    assert.equal(status({ ...WRITE, address }, WITH_TOKEN), 'answered', address);
  }
});

test('others write with the token alone: machines behind relays and callers that claim to be forwarded are others', () => {
  for (const address of ['10.98.0.50', '203.0.113.9', '2001:db8::1', 'unknown', '']) {
    assert.equal(status({ ...WRITE, address }), 403, 'there is no token that would help');
    assert.equal(status({ ...WRITE, address }, WITH_TOKEN), 401);
    const authorization = `Bearer ${TOKEN}`;
    assert.equal(status({ ...WRITE, address, authorization }, WITH_TOKEN), 'answered');
  }
});

test('a token that is wrong is refused wherever it comes from; where none is set, none helps and none hinders', () => {
  for (const authorization of [
    'Bearer wrong',
    'Bearer',
    `Basic ${TOKEN}`,
    TOKEN,
    `Bearer ${TOKEN} ${TOKEN}`,
    '',
  ]) {
    assert.equal(status({ ...WRITE, authorization }, WITH_TOKEN), 401, authorization);
    assert.equal(status({ ...WRITE, authorization }), 'answered', authorization);
    assert.equal(status({ ...WRITE, address: '203.0.113.9', authorization }), 403, authorization);
  }
});

test('a token opens no other door: not for a foreign page, and not under a foreign name', () => {
  const authorization = `Bearer ${TOKEN}`;
  assert.equal(status({ ...WRITE, authorization, origin: 'http://evil.example' }, WITH_TOKEN), 403);
  assert.equal(status({ ...WRITE, authorization, host: 'evil.example' }, WITH_TOKEN), 403);
});

test('what an HTML form can send changes nothing', () => {
  for (const contentType of [
    undefined,
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain; application/json',
  ])
    assert.equal(status({ ...WRITE, contentType }), 415, String(contentType));
  assert.equal(status({ ...WRITE, contentType: 'Application/JSON; charset=utf-8' }), 'answered');
});

test('no method but reading is spared the rules for writing', () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'get', 'PROPFIND'])
    assert.equal(status({ ...WRITE, method, address: '203.0.113.9' }), 403, method);
});

test('no call, however odd, is answered as a write from elsewhere without the token', () => {
  const odd = fc.option(
    fc.oneof(fc.string(), fc.constantFrom('10.99.0.1', 'same-origin', 'application/json')),
    {
      nil: undefined,
    },
  );
  const call = fc.record({
    method: fc.constantFrom('POST', 'DELETE', 'PUT'),
    address: fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()),
    host: odd,
    origin: odd,
    fetchSite: odd,
    fetchMode: odd,
    authorization: odd,
    contentType: odd,
  });
  fc.assert(
    fc.property(call, (each) => {
      if (isLocal(each.address, RULES)) return;
      assert.notEqual(refusalOf(each, WITH_TOKEN), undefined);
    }),
    { numRuns: 3000 },
  );
});
