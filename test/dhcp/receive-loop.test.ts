import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handle } from '../../src/dhcp/engine.ts';
import { ReceiveLoop } from '../../src/dhcp/receive-loop.ts';
import { Scope } from '../../src/dhcp/scope.ts';
import type { Event } from '../../src/journal/event.ts';
import { LeaseBook } from '../../src/leases/book.ts';
import type { Lease, LeaseChange, LeaseStore } from '../../src/leases/lease.ts';
import type { DatagramSocket } from '../../src/platform/udp.ts';
import { FLAG_BROADCAST, MESSAGE, messageName, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { byteOf } from '../../src/protocol/dhcp/options.ts';
import { decodePacket } from '../../src/protocol/dhcp/packet.ts';
import { message, POOL, SERVER, SETTINGS } from './rig.ts';

/** A store whose disk the test holds: every save waits until it is let through, or fails. */
class SlowStore implements LeaseStore {
  readonly saves: { changes: readonly LeaseChange[]; done(): void; fail(error: Error): void }[] = [];

  async *load(): AsyncGenerator<Lease[]> {
    yield [];
  }

  save(changes: readonly LeaseChange[]): Promise<void> {
    return new Promise((done, fail) => this.saves.push({ changes, done, fail }));
  }

  async close(): Promise<void> {}
}

function rig() {
  const sent: string[] = [];
  const events: Event[] = [];
  const store = new SlowStore();
  const socket: DatagramSocket = {
    port: 67,
    fd: -1,
    arena: Buffer.alloc(0),
    reserve: () => -1,
    send(bytes) {
      sent.push(messageName(byteOf(decodePacket(bytes).options, OPTION.messageType)!));
    },
    flush() {},
    async close() {},
  };
  const scopes = { local: new Scope(SETTINGS, new LeaseBook(POOL)), relayed: [] };
  const loop = new ReceiveLoop({
    decide: ({ bytes, address }, now) => handle(bytes, address, scopes, now),
    adapter: 'lan0',
    leases: { file: '/state/leases.sqlite', store },
    clock: { now: () => 1000, monotonic: () => 0 },
    sink: (event) => events.push(event),
  });
  loop.socket = socket;
  const receive = (...messages: Uint8Array[]) =>
    loop.receive(messages.map((bytes) => ({ bytes, address: 0, port: 68 })));
  return { sent, events, store, loop, receive };
}

const macOf = (n: number) => `52:54:00:00:00:0${n}`;
const discover = (n: number) => message(MESSAGE.discover, { mac: macOf(n), flags: FLAG_BROADCAST });
const request = (n: number, address: string) =>
  message(MESSAGE.request, {
    mac: macOf(n),
    flags: FLAG_BROADCAST,
    options: { [OPTION.serverIdentifier]: SERVER, [OPTION.requestedAddress]: address },
  });
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('all requests of one turn go to disk together, and their ACKs leave when they are there, not before', async () => {
  const { sent, store, receive } = rig();
  receive(request(1, '10.0.0.10'), request(2, '10.0.0.11'), request(3, '10.0.0.12'));
  await turn();
  assert.deepEqual(sent, []);
  assert.equal(store.saves.length, 1);
  assert.equal(store.saves[0]!.changes.length, 3);
  store.saves[0]!.done();
  await turn();
  assert.deepEqual(sent, ['ACK', 'ACK', 'ACK']);
});

test('OFFERs and NAKs wait for no disk, also while an ACK does', async () => {
  const { sent, store, receive } = rig();
  receive(request(1, '10.0.0.10'), discover(2), request(3, '10.0.0.99'));
  assert.deepEqual(sent, ['OFFER', 'NAK']);
  receive(discover(4));
  assert.deepEqual(sent, ['OFFER', 'NAK', 'OFFER']);
  store.saves[0]!.done();
  await turn();
  assert.deepEqual(sent.at(-1), 'ACK');
});

test('what could not be stored is not promised, and is told with its file; the next one that can is', async () => {
  const { sent, events, store, loop, receive } = rig();
  receive(request(1, '10.0.0.10'));
  store.saves[0]!.fail(new Error('database or disk is full'));
  await turn();
  assert.deepEqual(sent, []);
  assert.deepEqual(
    events.filter(({ kind }) => kind === 'dhcp.store-failed'),
    [
      {
        kind: 'dhcp.store-failed',
        reason: 'database or disk is full',
        file: '/state/leases.sqlite',
        macs: ['52:54:00:00:00:01'],
      },
    ],
  );
  assert.ok(
    events.some(({ kind }) => kind === 'dhcp.request'),
    'that it was asked for is told all the same',
  );
  assert.ok(
    !events.some(({ kind }) => kind === 'dhcp.ack'),
    'nothing is said to be acknowledged that was not',
  );
  assert.match(loop.problems()[0]!, /disk is full/);
  receive(request(1, '10.0.0.10'));
  store.saves[1]!.done();
  await turn();
  assert.deepEqual(sent, ['ACK']);
  assert.deepEqual(loop.problems(), []);
});

test('stopping waits for promises that are on their way to disk', async () => {
  const { sent, store, loop, receive } = rig();
  receive(request(1, '10.0.0.10'));
  let settled = false;
  const done = loop.settled().then(() => {
    settled = true;
  });
  await turn();
  assert.equal(settled, false);
  store.saves[0]!.done();
  await done;
  assert.deepEqual(sent, ['ACK']);
});

test('a packet that trips over a fault of ours costs no other packet', async () => {
  const { sent, events, receive } = rig();
  const broken = {
    get length(): number {
      throw new Error('a fault');
    },
  } as unknown as Uint8Array;
  receive(broken, discover(1));
  assert.deepEqual(sent, ['OFFER']);
  assert.ok(events.some((event) => event.kind === 'config.unexpected' && /a fault/.test(event.reason)));
});
