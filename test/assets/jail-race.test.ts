import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AssetError } from '../../src/assets/asset.ts';
import { BlockCache } from '../../src/assets/blocks.ts';
import { openImages } from '../../src/assets/images.ts';
import { Folder } from './folder.ts';

const SWAP = fileURLToPath(new URL('./swap.ts', import.meta.url));
const NAMES = ['file', 'folder/secret', 'moving/secret', 'inside', 'moving/../file'];
/** What each of the answers has to come up, or the exchanging was not fast enough to show anything. */
const AT_LEAST = 20;

test('while links and folders are exchanged for others that lead out, never a byte from outside is read', {
  timeout: 60_000,
}, async () => {
  using folder = new Folder();
  using outside = new Folder();
  using loaders = new Folder();
  folder.write('inside', 'inside');
  outside.write('secret', 'SECRET');
  const images = { images: folder.path, loaders: loaders.path };
  const source = openImages(images, () => {}, new BlockCache());
  const swapping = spawn(process.execPath, [SWAP, folder.path, outside.path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(swapping, 'exit');
  const seen = new Map<string, number>();
  try {
    await once(swapping.stdout, 'data');
    for (let round = 0; round < 6000; round += NAMES.length)
      await Promise.all(NAMES.map((name) => ask(name)));
  } finally {
    swapping.kill('SIGKILL');
    await gone;
  }
  for (const answer of ['inside', 'forbidden', 'not-found'])
    assert.ok((seen.get(answer) ?? 0) >= AT_LEAST, `${answer}: ${JSON.stringify([...seen])}`);

  async function ask(name: string): Promise<void> {
    const answer = await source.open(name).then(
      async (asset) => {
        const text = Buffer.from(await asset.read(0, 100)).toString();
        asset.close();
        return text;
      },
      (error: unknown) => (error instanceof AssetError ? error.code : String(error)),
    );
    // A file that is made at this moment is empty, or too young to tell its version.
    assert.match(answer, /^(inside||forbidden|not-found|not-a-file|unreadable)$/, name);
    seen.set(answer, (seen.get(answer) ?? 0) + 1);
  }
});
