import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { requires } from '../lab/requires.ts';
import { lockstep, withOptions } from './tftp-clients.ts';
import { TftpLab } from './tftp-lab.ts';

const sizes = [0, 1, 511, 512, 513, 1024, 1468 * 8, 1400 * 3, 100_000];

for (const ports of ['one', 'each'] as const) {
  describe(`foreign clients load from the service (ports: ${ports})`, requires('root', 'netns'), () => {
    let lab: TftpLab;
    before(async () => {
      lab = new TftpLab();
      for (const size of sizes) lab.file(`${size}-bytes`, size);
      await lab.serve(ports);
    });
    after(() => lab.close());

    for (const client of [...lockstep, ...withOptions]) {
      test(`${client.name}: files of 0 to 100,000 bytes are the same`, requires(client.program), async () => {
        for (const size of client.refusesEmpty ? sizes.slice(1) : sizes) {
          assert.equal(await lab.load(client, `${size}-bytes`), undefined, `${size} bytes`);
        }
      });
    }
  });
}

describe('foreign clients load large files', requires('root', 'netns'), () => {
  const size = 65536 * 512 + 12_345;
  let lab: TftpLab;
  before(async () => {
    lab = new TftpLab();
    lab.file('large', size);
    await lab.serve();
  });
  after(() => lab.close());

  for (const client of [...lockstep, ...withOptions]) {
    test(
      `${client.name}: a file of ${size} bytes is the same, past block 65535`,
      requires(client.program),
      async () => {
        assert.equal(await lab.load(client, 'large', 120), undefined);
      },
    );
  }
});
