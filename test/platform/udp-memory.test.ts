import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openUdp } from '../../src/platform/udp.ts';
import { eachWay, LOOPBACK } from './udp-rig.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Enough that 64 bytes for each could not be overlooked. */
const PACKETS = { batch: 1_000_000, plain: 200_000 };
const MARGIN = 8 << 20;
const IN_FLIGHT = 64;

function held(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

eachWay('a million packets later no more memory is held', async (way, context) => {
  let left = 10_000;
  let over = Promise.withResolvers<void>();
  const options = { port: 0, address: LOOPBACK, receiveBuffer: 4 << 20 };
  const handlers = { sendFailed() {}, failed: (error: Error) => over.reject(error) };
  const echo = await openUdp(options, {
    ...handlers,
    batch(datagrams) {
      for (const { bytes, address, port } of datagrams) echo.send(bytes, address, port);
    },
  });
  const asker = await openUdp(options, {
    ...handlers,
    batch(datagrams) {
      for (const { bytes } of datagrams) {
        if (left-- > 0) asker.send(bytes, LOOPBACK, echo.port);
        else over.resolve();
      }
    },
  });
  context.after(() => Promise.all([echo.close(), asker.close()]));
  const rounds = async (packets: number) => {
    left = packets;
    over = Promise.withResolvers();
    for (let n = 0; n < IN_FLIGHT; n++) asker.send(Buffer.alloc(4 + n), LOOPBACK, echo.port);
    await over.promise;
  };
  await rounds(10_000);
  const before = held();
  await rounds(PACKETS[way] / 2);
  const grown = held() - before;
  assert.ok(grown < MARGIN, `${grown} bytes more`);
});
