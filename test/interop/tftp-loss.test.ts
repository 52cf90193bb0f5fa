import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { requires } from '../lab/requires.ts';
import { lockstep, withOptions } from './tftp-clients.ts';
import { TftpLab } from './tftp-lab.ts';

/** All at once: most of the time goes by in clients that wait for their own timers. */
const together = { concurrency: true, ...requires('root', 'netns', 'nft') };

const clients = [...lockstep, ...withOptions];

for (const [what, losing] of [
  ['anything', clients.filter((client) => !client.refusesOackAgain)],
  ['data', clients.filter((client) => client.refusesOackAgain)],
] as const) {
  describe(`a network that loses every 20th packet (${what})`, together, () => {
    let lab: TftpLab;
    before(async () => {
      lab = new TftpLab();
      lab.file('file', 40_000);
      await lab.serve();
      await lab.lose(20, what);
    });
    after(() => lab.close());

    for (const client of losing) {
      test(`${client.name} gets the file all the same`, requires(client.program), async () => {
        assert.equal(await lab.load(client, 'file', 120), undefined);
      });
    }
  });
}
