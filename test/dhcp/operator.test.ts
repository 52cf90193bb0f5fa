import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Explanation } from '../../src/boot/explanation.ts';
import type { Answering } from '../../src/dhcp/explain.ts';
import { operatorRoutes } from '../../src/dhcp/operator.ts';
import type { Event } from '../../src/journal/event.ts';
import { MemoryLeaseStore } from '../../src/leases/memory-store.ts';
import { OPTION } from '../../src/protocol/dhcp/codes.ts';
import { rigWith } from './relayed.ts';
import { message, Rig, SERVER, SETTINGS } from './rig.ts';

const MAC = '52:54:00:00:00:01';

class Operator {
  readonly rig: Rig;
  readonly store = new MemoryLeaseStore();
  readonly events: Event[] = [];
  readonly #routes;

  constructor(rig = new Rig(), answering: Answering = { mode: 'server', scopes: rig.scopes }) {
    this.rig = rig;
    const { store } = this;
    this.#routes = operatorRoutes({
      answering,
      store,
      sink: (event) => this.events.push(event),
      now: () => rig.now,
    });
  }

  async release(address: unknown): Promise<unknown> {
    await this.store.save(this.rig.stored.splice(0));
    return this.#routes['POST /release']!({ address, by: '10.0.0.99' });
  }

  explain(supposed: unknown): unknown {
    return this.#routes['POST /explain']!(supposed);
  }
}

test('a lease is ended: on disk before it is answered, told with the caller, and given to others', async () => {
  const operator = new Operator();
  const { rig, store, events } = operator;
  for (let n = 1; n <= 4; n++) rig.lease(`52:54:00:00:00:0${n}`);
  const saved: string[] = [];
  const save = store.save.bind(store);
  store.save = async (changes) => {
    await save(changes);
    saved.push(...changes.map(({ kind }) => kind));
  };
  const answer = await operator.release('10.0.0.10');
  assert.deepEqual(answer, { address: '10.0.0.10', mac: MAC, was: 'bound' });
  assert.deepEqual(saved.at(-1), 'put');
  assert.equal(
    (await Array.fromAsync(store.load())).flat().find(({ mac }) => mac === MAC)?.state,
    'released',
  );
  assert.deepEqual(events, [
    { kind: 'dhcp.freed', mac: MAC, address: 0x0a00000a, was: 'bound', by: '10.0.0.99' },
  ]);
  assert.equal(rig.discover({ mac: '52:54:00:00:00:55' }).yiaddr, '10.0.0.10');
});

test('a declined address can be given out again at once', async () => {
  const operator = new Operator();
  const { rig } = operator;
  const address = rig.lease(MAC);
  const options = { [OPTION.serverIdentifier]: SERVER, [OPTION.requestedAddress]: address };
  rig.bytes(message(4, { mac: MAC, options }));
  assert.notEqual(rig.discover({ mac: MAC }).yiaddr, address);
  assert.deepEqual(await operator.release(address), { address, mac: MAC, was: 'declined' });
  assert.deepEqual((await Array.fromAsync(operator.store.load())).flat(), [], 'the record is gone');
  assert.equal(rig.scopes.local.book.declined, 0);
});

test('an address behind a relay is freed in the pool of its subnet', async () => {
  const operator = new Operator(rigWith());
  const { rig } = operator;
  const offer = rig.discover({ giaddr: '10.1.0.1' });
  rig.select(offer.yiaddr, { giaddr: '10.1.0.1' });
  assert.deepEqual(await operator.release('10.1.0.10'), { address: '10.1.0.10', mac: MAC, was: 'bound' });
});

test('what cannot be freed is refused with a reason: nobody’s, no address, another server’s, a disk that is full', async () => {
  const operator = new Operator();
  await assert.rejects(operator.release('10.0.0.13'), { status: 404 });
  await assert.rejects(operator.release('10.0.0'), { status: 400, message: /"10\.0\.0"/ });
  await assert.rejects(operator.release(undefined), { status: 400, message: /missing/ });
  const proxy = new Operator(new Rig(), { mode: 'proxy', settings: SETTINGS });
  await assert.rejects(proxy.release('10.0.0.10'), { status: 409, message: /MODE=proxy/ });
  operator.rig.lease(MAC);
  operator.rig.stored.splice(0);
  operator.store.save = async (changes) => {
    if (changes.length > 0) throw new Error('database or disk is full');
  };
  await assert.rejects(operator.release('10.0.0.10'), { status: 503, message: /disk is full/ });
  assert.deepEqual(operator.events, [], 'what is not on disk is not told as done');
});

test('a question about a machine is checked, and answered with what is wrong with it', () => {
  const operator = new Operator();
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /mac is missing/],
    [{ mac: 'nonsense' }, /mac is "nonsense"/],
    [{ mac: MAC, firmware: 'toaster' }, /firmware is "toaster"/],
    [{ mac: MAC, architecture: 70_000 }, /architecture is 70000/],
    [{ mac: MAC, architecture: '7' }, /architecture is "7"/],
    [{ mac: MAC, hostName: 'a b' }, /hostName is "a b"/],
    [{ mac: MAC, hostName: 'x'.repeat(64) }, /hostName/],
    [{ mac: MAC, relay: '10.1' }, /relay is "10\.1"/],
    [{ mac: MAC, relay: '0.0.0.0' }, /relay/],
    [{ mac: MAC, port: 69 }, /port is 69/],
    [{ mac: MAC, like: [{ bytes: 'zz' }] }, /bytes is "zz"/],
    [{ packet: 'zz' }, /bytes is "zz"/],
    [{ packet: '0101', port: 67 }, /packet/],
    [{ packet: '0101', from: 'nowhere' }, /from is "nowhere"/],
  ];
  for (const [supposed, message] of wrong)
    assert.throws(() => operator.explain(supposed), { status: 400, message });
  const { exchanges } = operator.explain({ mac: MAC.toUpperCase(), hostName: 'rack-1' }) as Explanation;
  assert.match(exchanges[0]!.request[0]!, new RegExp(MAC));
});
