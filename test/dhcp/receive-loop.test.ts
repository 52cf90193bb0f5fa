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
import { byteOf, longOf } from '../../src/protocol/dhcp/options.ts';
import { decodePacket, type Packet } from '../../src/protocol/dhcp/packet.ts';
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

  onDisk: readonly Lease[] = [];

  async standing(): Promise<readonly Lease[]> {
    return this.onDisk;
  }

  async close(): Promise<void> {}
}

function rig() {
  const sent: string[] = [];
  const packets: Packet[] = [];
  const events: Event[] = [];
  const store = new SlowStore();
  const socket: DatagramSocket = {
    port: 67,
    fd: -1,
    arena: Buffer.alloc(0),
    reserve: () => -1,
    send(bytes) {
      packets.push(decodePacket(new Uint8Array(bytes)));
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
  return { sent, packets, events, store, loop, receive };
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
  const { sent, events, store, receive } = rig();
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
        remedy: 'Make STATE_DIR writable for the user that the service runs as, and its volume not read-only',
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
  receive(request(1, '10.0.0.10'));
  store.saves[1]!.done();
  await turn();
  assert.deepEqual(sent, ['ACK']);
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

test('a slow disk holds up no OFFER, and ACKs leave in the order of their requests', async () => {
  const { sent, store, receive } = rig();
  receive(request(1, '10.0.0.10'));
  receive(discover(2));
  receive(request(3, '10.0.0.12'), discover(4));
  receive(request(2, '10.0.0.11'));
  assert.deepEqual(sent, ['OFFER', 'OFFER']);
  for (const save of store.saves) {
    save.done();
    await turn();
  }
  assert.deepEqual(sent, ['OFFER', 'OFFER', 'ACK', 'ACK', 'ACK']);
});

test('of a disk that never comes back, requests are held in a bounded number', async () => {
  const { sent, store, receive } = rig();
  for (let n = 0; n < 12_000; n++) receive(request(1, '10.0.0.10'));
  assert.equal(store.saves.length, 10_000);
  for (const save of store.saves) save.done();
  await turn();
  assert.equal(sent.length, 10_000);
  receive(request(1, '10.0.0.10'));
  assert.equal(store.saves.length, 10_001);
});

test('where a lease cannot be stored anew, its machine gets what is left of the one that is', async () => {
  const { store, receive, events, packets } = rig();
  const onDisk: Lease = {
    address: POOL.first,
    key: '1/52:54:00:00:00:01',
    mac: macOf(1),
    hostName: '',
    state: 'bound',
    expires: 1000 + 800,
  };
  store.onDisk = [onDisk];
  receive(request(1, '10.0.0.10'), request(2, '10.0.0.11'));
  const [change] = store.saves[0]!.changes;
  assert.equal(change?.kind === 'put' && change.lease.key, onDisk.key);
  store.saves[0]!.fail(new Error('database or disk is full'));
  await turn();
  assert.deepEqual(
    packets.map(({ options }) =>
      [OPTION.leaseTime, OPTION.renewalTime, OPTION.rebindingTime].map((code) => longOf(options, code)),
    ),
    [[800, 400, 700]],
  );
  const failed = events.find((event) => event.kind === 'dhcp.store-failed');
  assert.deepEqual(failed?.kind === 'dhcp.store-failed' && failed.macs, [macOf(2)]);
  const acks = events.flatMap((event) => (event.kind === 'dhcp.ack' ? event.seconds : []));
  assert.deepEqual(acks, [800]);
});

test('a lease on disk that is another machine’s, is over or was given back is no ground for an ACK', async () => {
  for (const also of [{ key: 'another' }, { expires: 1050 }, { state: 'released' }] as const) {
    const { sent, store, receive } = rig();
    const lease = {
      address: POOL.first,
      key: '1/52:54:00:00:00:01',
      mac: '',
      hostName: '',
      state: 'bound',
      expires: 5000,
    } as const;
    store.onDisk = [{ ...lease, ...also }];
    receive(request(1, '10.0.0.10'));
    store.saves[0]!.fail(new Error('full'));
    await turn();
    assert.deepEqual(sent, []);
  }
});
