import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { AssetError } from '../../src/assets/asset.ts';
import type { FileAsset } from '../../src/assets/shared-file.ts';
import { pump } from '../../src/http/pump.ts';

const PIECE = 256 * 1024;
const version = { key: 'v', size: 0, modified: 0 };

/** A file whose bytes tell their place; `read` may be late, or fail. */
function file(
  size: number,
  read: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array> = (bytes) => bytes,
): FileAsset {
  const content = Buffer.from(Array.from({ length: size }, (_, at) => (at ^ (at >> 8) ^ (at >> 16)) & 255));
  return {
    name: 'x',
    size,
    version,
    read: (offset, length) => read(content.subarray(offset, offset + length)),
    close() {},
  };
}

/** Takes all at once, or each write only when it is told to. */
class Machine extends Writable {
  readonly taken: Buffer[] = [];
  readonly #log: (bytes: Buffer) => void;
  take: () => void = () => {};

  constructor(takes: 'at once' | 'when told', log: (bytes: Buffer) => void = () => {}) {
    super({
      write: (bytes: Buffer, _encoding, done) => {
        this.taken.push(bytes);
        this.#log(bytes);
        if (takes === 'at once') done();
        else this.take = done;
      },
    });
    this.#log = log;
    this.on('error', () => {});
  }

  get bytes(): Buffer {
    return Buffer.concat(this.taken);
  }
}

const whole = (asset: FileAsset) => ({ asset, part: { first: 0, last: asset.size - 1 } });

test('a part is handed over whole, cut where blocks end, with its head before it', async () => {
  const asset = file(2 * PIECE + 100);
  const out = new Machine('at once');
  const moved: number[] = [];
  await pump({
    asset,
    part: { first: PIECE - 10, last: 2 * PIECE + 4 },
    out,
    head: Buffer.from('head'),
    moved: (n) => moved.push(n),
  });
  assert.deepEqual(
    out.taken.map(({ length }) => length),
    [4, 10, PIECE, 5],
  );
  const expected = await asset.read(PIECE - 10, PIECE + 15);
  assert.ok(out.bytes.subarray(4).equals(expected));
  assert.deepEqual(moved, [10, PIECE + 10, PIECE + 15]);
});

test('machines that take all at once have their turns one piece each', async () => {
  const order: string[] = [];
  const asset = file(4 * PIECE);
  const one = (name: string) =>
    pump({ ...whole(asset), out: new Machine('at once', () => order.push(name)), moved: () => {} });
  await Promise.all([one('a'), one('b'), one('c')]);
  assert.equal(order.join(''), 'abcabcabcabc');
});

test('nothing more is handed over while a machine takes nothing, however small the rest is', async () => {
  const asset = file(2 * PIECE + 1);
  const out = new Machine('when told');
  const done = pump({ ...whole(asset), out, moved: () => {} });
  for (let count = 1; count <= 3; count++) {
    for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(out.taken.length, count);
    out.take();
  }
  await done;
  assert.equal(out.bytes.length, asset.size);
});

test('bytes that have to be read first come in their order', async () => {
  let reads = 0;
  const late = (bytes: Uint8Array) => (++reads % 2 ? Promise.resolve(bytes) : bytes);
  const asset = file(5 * PIECE, late);
  const out = new Machine('at once');
  await pump({ ...whole(asset), out, moved: () => {} });
  assert.equal(reads, 5);
  assert.ok(out.bytes.equals(Buffer.from(await asset.read(0, asset.size))));
});

test('an empty file is its head alone', async () => {
  const out = new Machine('at once');
  await pump({ ...whole(file(0)), out, head: Buffer.from('head'), moved: () => {} });
  assert.equal(out.bytes.toString(), 'head');
  await pump({ ...whole(file(0)), out: new Machine('at once'), moved: () => {} });
});

test('a read that fails ends it with that error, and a machine that hangs up with another', async () => {
  const error = new AssetError('unreadable', 'it was changed');
  let reads = 0;
  const failing = file(3 * PIECE, (bytes) => (++reads === 2 ? Promise.reject(error) : bytes));
  const out = new Machine('at once');
  await assert.rejects(pump({ ...whole(failing), out, moved: () => {} }), error);
  assert.equal(out.bytes.length, PIECE);
  const gone = new Machine('when told');
  const pumping = pump({ ...whole(file(3 * PIECE)), out: gone, moved: () => {} });
  gone.destroy();
  await assert.rejects(pumping, /closed/);
  await assert.rejects(pump({ ...whole(file(10)), out: gone, moved: () => {} }), /closed/);
});
