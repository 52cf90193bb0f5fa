import assert from 'node:assert/strict';
import { once } from 'node:events';
import os from 'node:os';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

test('a worker that gives way has a lower priority from then on, and the main thread keeps its own', async () => {
  const before = os.getPriority(0);
  const background = new URL('../../src/platform/background.ts', import.meta.url).href;
  const worker = new Worker(
    `import(${JSON.stringify(background)}).then(({ giveWay }) => {
      giveWay();
      require('node:worker_threads').parentPort.postMessage(require('node:os').getPriority(0));
    });`,
    { eval: true },
  );
  const [priority] = await once(worker, 'message');
  assert.equal(priority, Math.max(before, 10));
  assert.equal(os.getPriority(0), before);
  await worker.terminate();
});
