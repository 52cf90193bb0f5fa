import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Lease, LeaseStore } from '../../src/leases/lease.ts';

export const allOf = async (store: LeaseStore): Promise<Lease[]> =>
  (await Array.fromAsync(store.load())).flat();

/** What every lease store has to do. `open` gives a store on the same medium each time within one test. */
export function leaseStoreContract(
  name: string,
  medium: () => { open(): LeaseStore; discard(): void },
): void {
  const lease = (address: number, key: string): Lease => ({
    address,
    key,
    mac: key,
    hostName: 'näme',
    state: 'bound',
    expires: 5,
  });

  const withStore = (
    what: string,
    run: (store: LeaseStore, reopen: () => Promise<LeaseStore>) => Promise<void>,
  ) =>
    test(`${name}: ${what}`, async () => {
      const { open, discard } = medium();
      let store = open();
      const reopen = async () => {
        await store.close();
        store = open();
        return store;
      };
      try {
        await run(store, reopen);
      } finally {
        await store.close();
        discard();
      }
    });

  withStore('is empty at first', async (store) => {
    assert.deepEqual(await allOf(store), []);
  });

  withStore('gives back after reopening what was saved', async (store, reopen) => {
    await store.save([
      { kind: 'put', lease: lease(4_000_000_000, 'a') },
      { kind: 'put', lease: lease(2, 'b') },
    ]);
    const loaded = await allOf(await reopen());
    assert.deepEqual(
      loaded.toSorted((a, b) => a.address - b.address),
      [lease(2, 'b'), lease(4_000_000_000, 'a')],
    );
  });

  withStore('gives back every lease of a large number, once each', async (store, reopen) => {
    const all = Array.from({ length: 45_000 }, (_, n) => lease(3_000_000_000 + 3 * n, `key ${n}`));
    await store.save(all.map((one) => ({ kind: 'put', lease: one })));
    const loaded = await allOf(await reopen());
    assert.deepEqual(
      loaded.toSorted((a, b) => a.address - b.address),
      all,
    );
  });

  withStore('keeps whatever text a machine sends', async (store) => {
    const text = fc.string({ unit: 'binary', maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(text, text, async (key, hostName) => {
        await store.save([{ kind: 'put', lease: { ...lease(1, key), hostName } }]);
        assert.deepEqual(await allOf(store), [{ ...lease(1, key), hostName }]);
      }),
      { examples: [['a\0b', '"\\\u2028\u{1f600}']] },
    );
  });

  withStore('has one lease an address, and forgets what is removed', async (store, reopen) => {
    await store.save([{ kind: 'put', lease: lease(1, 'a') }]);
    await store.save([
      { kind: 'put', lease: lease(1, 'b') },
      { kind: 'put', lease: lease(2, 'c') },
      { kind: 'remove', address: 2 },
    ]);
    assert.deepEqual(await allOf(await reopen()), [lease(1, 'b')]);
  });

  withStore('keeps the order of saves that are made without waiting', async (store, reopen) => {
    const saves = Array.from({ length: 50 }, (_, n) =>
      store.save([{ kind: 'put', lease: lease(1, `key ${n}`) }]),
    );
    await Promise.all(saves);
    assert.deepEqual(await allOf(await reopen()), [lease(1, 'key 49')]);
  });

  withStore('waits on close for what is on its way', async (store, reopen) => {
    void store.save([{ kind: 'put', lease: lease(7, 'a') }]);
    assert.deepEqual(await allOf(await reopen()), [lease(7, 'a')]);
  });
}
