import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { LeaseView, LogLine } from '../../../src/http/api/shapes.ts';
import type { Observed } from '../../../src/http/observer/observed.ts';
import { unobserved } from '../../../src/http/observer/observed.ts';
import { dissect } from '../../../src/journal/dissection.ts';
import { SqliteLeaseStore } from '../../../src/leases/sqlite-store.ts';
import { decodePacket } from '../../../src/protocol/dhcp/packet.ts';
import { parseIpv4 } from '../../../src/protocol/ipv4.ts';
import { first } from '../../fixtures/dhcp.ts';
import { within } from '../within.ts';
import { Journals } from './journals.ts';

const MAC = '52:54:00:00:00:01';
const WAIT = 15_000;

test('a boot that three services have recorded comes out as one machine that booted', async () => {
  await using journals = new Journals();
  const observer = journals.observe();
  await journals.boot(MAC);
  await within(WAIT, async () => (await observer.machine(MAC))?.attempt?.outcome === 'booted');
  const [machine] = await observer.machines();
  assert.equal(machine?.mac, MAC);
  assert.equal(machine?.address, '10.0.0.5');
  const states = machine?.attempt?.stages.map(({ name, state }) => `${name} ${state}`);
  assert.deepEqual(
    states,
    ['address', 'loader', 'ipxe', 'script', 'kernel', 'initrd', 'system'].map((name) => `${name} done`),
  );
  assert.deepEqual(await observer.problems(), []);
});

test('what becomes clear of a boot is told once, and not again after a restart', async () => {
  await using journals = new Journals();
  const first = journals.observe();
  await journals.boot(MAC);
  const done = () => journals.events.filter(({ kind }) => kind === 'boot.done').length;
  await within(WAIT, () => done() === 1);
  await first.stop();
  const second = journals.observe();
  await within(WAIT, async () => (await second.machine(MAC))?.attempt?.outcome === 'booted');
  const other = '52:54:00:00:00:02';
  await journals.boot(other);
  await within(WAIT, () => done() === 2);
  const told = journals.events.filter(({ kind }) => kind === 'boot.done').map(({ mac }) => mac);
  assert.deepEqual(told, [MAC, other]);
});

test('what was there before the start is not counted, what comes after it is', async () => {
  await using journals = new Journals();
  await journals.boot(MAC);
  await journals.flush();
  const observer = journals.observe();
  await within(WAIT, async () => (await observer.machines()).length === 1);
  await within(WAIT, () => journals.changes.length > 0);
  assert.deepEqual(journals.changes[0]?.measurements, []);
  await journals.boot('52:54:00:00:00:02');
  const sum = (counter: string) =>
    journals.changes
      .flatMap(({ measurements }) => measurements)
      .reduce((total, one) => total + ('counter' in one && one.counter === counter ? one.by : 0), 0);
  await within(WAIT, () => sum('boots') === 1);
  assert.equal(sum('transferBytes'), 28_070_000);
  assert.equal(sum('retransmissions'), 2);
});

test('frames are made only while somebody wants them', async () => {
  await using journals = new Journals();
  const observer = journals.observe();
  await within(WAIT, () => journals.changes.length === 1);
  assert.equal(journals.changes[0]?.anew, true);
  await journals.boot(MAC);
  await within(WAIT, async () => (await observer.machine(MAC))?.attempt?.outcome === 'booted');
  assert.deepEqual(
    journals.changes.flatMap(({ frames }) => frames),
    [],
  );
  observer.wantFrames(true);
  const other = '52:54:00:00:00:02';
  await journals.boot(other);
  const told = (name: string) =>
    journals.changes
      .flatMap(({ frames }) => frames)
      .flatMap(({ event, data }) => (event === name ? JSON.parse(data) : []));
  await within(WAIT, () =>
    told('machine').some(({ mac, attempt }) => mac === other && attempt.outcome === 'booted'),
  );
  await within(WAIT, () => told('log').some(({ text }) => /^OFFER 10\.0\.0\.6/.test(text)));
});

test('packets come back in words, the log by machine and by level', async () => {
  await using journals = new Journals();
  const observer = journals.observe();
  const { bytes } = first('udhcpc', 'DISCOVER');
  journals.record('dhcp', { kind: 'dhcp.packet', mac: MAC, direction: 'received', bytes });
  journals.record('dhcp', { kind: 'dhcp.nak', mac: MAC, address: parseIpv4('10.0.0.9')!, reason: 'why not' });
  await journals.boot('52:54:00:00:00:02');
  await journals.flush();
  const [packet, ...more] = await observer.packets(MAC, 0, Date.now());
  assert.deepEqual([packet?.direction, packet?.message, more.length], ['received', 'DISCOVER', 0]);
  assert.deepEqual(packet?.lines, dissect(decodePacket(bytes)));
  await within(WAIT, async () => /^ACK/.test((await observer.log({ limit: 1 })).at(-1)?.text ?? ''));
  const ofMachine = await observer.log({ mac: MAC, limit: 10 });
  assert.deepEqual(
    ofMachine.map(({ level, mac, text }) => [level, mac, text]),
    [['warn', MAC, 'NAK of 10.0.0.9: why not']],
  );
  const warnings = await observer.log({ level: 'warn', limit: 10 });
  assert.deepEqual(
    warnings.map(({ text }) => text),
    ['NAK of 10.0.0.9: why not'],
  );
  const newest = await observer.log({ service: 'dhcp', limit: 1 });
  assert.match(newest.at(-1)?.text ?? '', /^ACK 10\.0\.0\.6/);
});

test('whoever listens and asks for the log gets each line once', async () => {
  await using journals = new Journals();
  const observer = journals.observe();
  await within(WAIT, () => journals.changes.length > 0);
  observer.wantFrames(true);
  const lines = () =>
    journals.changes
      .flatMap(({ frames }) => frames)
      .flatMap(({ event, data }) => (event === 'log' ? (JSON.parse(data) as LogLine[]) : []));
  for (let n = 0; n < 60; n += 1) {
    journals.record('dhcp', { kind: 'dhcp.nak', mac: MAC, address: n, reason: 'why not' });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const [asked, toldBefore] = [await observer.log({ limit: 100 }), lines().length];
  await within(WAIT, () => lines().length === 60);
  const texts = [...asked, ...lines().slice(toldBefore)].map(({ text }) => text);
  assert.deepEqual(
    texts,
    lines().map(({ text }) => text),
  );
});

async function leasesOf(observer: Pick<Observed, 'leases'>): Promise<LeaseView[]> {
  return JSON.parse(Buffer.from(await observer.leases()).toString()) as LeaseView[];
}

test('leases are read beside the service that writes them, and name whose address it is', async () => {
  await using journals = new Journals();
  const store = new SqliteLeaseStore(path.join(journals.state, 'leases.sqlite'));
  const address = parseIpv4('10.0.0.5')!;
  const expires = Math.floor(Date.now() / 1000) + 100;
  const lease = { address, key: `1/${MAC}`, mac: MAC, hostName: 'node1', state: 'bound', expires } as const;
  await Array.fromAsync(store.load());
  const observer = journals.observe();
  observer.wantFrames(true);
  await within(WAIT, () => journals.changes.length > 0);
  await store.save([{ kind: 'put', lease }]);
  await within(WAIT, async () => (await leasesOf(observer)).length === 1);
  const view = { address: '10.0.0.5', mac: MAC, hostName: 'node1', state: 'bound', expires: expires * 1000 };
  assert.deepEqual(await leasesOf(observer), [view]);
  await store.save([
    { kind: 'put', lease: { ...lease, expires: 100 } },
    { kind: 'put', lease: { ...lease, address: address + 1, state: 'declined' } },
  ]);
  await within(WAIT, async () => (await leasesOf(observer)).length === 2);
  assert.deepEqual(
    (await leasesOf(observer)).map(({ state }) => state),
    ['expired', 'declined'],
  );
  assert.deepEqual(
    await observer.leaseStates([
      { first: address, count: 1 },
      { first: address + 1, count: 9 },
      { first: address + 2, count: 9 },
    ]),
    [
      { bound: 0, expired: 1, released: 0, declined: 0 },
      { bound: 0, expired: 0, released: 0, declined: 1 },
      { bound: 0, expired: 0, released: 0, declined: 0 },
    ],
  );
  await within(WAIT, () =>
    journals.changes.some(({ frames }) => frames.some(({ event }) => event === 'leases')),
  );
  await store.close();
});

test('a lease database that is damaged is said, and one in its place is read', async () => {
  await using journals = new Journals();
  const file = path.join(journals.state, 'leases.sqlite');
  const observer = journals.observe();
  const { writeFileSync, rmSync } = await import('node:fs');
  writeFileSync(file, 'this is no database, and long enough to be looked at as one'.repeat(100));
  await within(WAIT, async () => (await observer.problems()).some((problem) => problem.includes(file)));
  rmSync(file);
  const database = new DatabaseSync(file);
  database.exec('CREATE TABLE lease (address, key, mac, host_name, state, expires)');
  database.exec(`INSERT INTO lease VALUES (1, '', '${MAC}', '', 'released', 5)`);
  await within(WAIT, async () => (await leasesOf(observer)).length === 1);
  await within(WAIT, async () => (await observer.problems()).length === 0);
  database.close();
});

test('without any journal there are no machines, and nothing is wrong', async () => {
  await using journals = new Journals();
  const observer = journals.observe();
  await within(WAIT, () => journals.changes.length > 0);
  assert.deepEqual(await observer.machines(), []);
  assert.equal(await observer.machine(MAC), undefined);
  assert.deepEqual(await observer.coverage(), { runs: [], gaps: [] });
  assert.deepEqual(await observer.problems(), []);
});

test('with the journal off every answer is empty, and why is said', async () => {
  assert.deepEqual(await unobserved.machines(), []);
  assert.deepEqual(await unobserved.log({ limit: 5 }), []);
  assert.match((await unobserved.problems()).join(), /JOURNAL=off/);
});
