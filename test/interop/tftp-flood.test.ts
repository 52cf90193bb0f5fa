import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requires } from '../lab/requires.ts';
import { Transcript } from '../lab/transcript.ts';
import { withOptions } from './tftp-clients.ts';
import { SERVER, TftpLab } from './tftp-lab.ts';

const FLOOD = fileURLToPath(new URL('./flood-tftp.ts', import.meta.url));
const FLOODER = '10.88.69.66';

describe(
  'while a neighbour floods TFTP with requests from thousands of ports',
  requires('root', 'netns'),
  () => {
    const flood = new Transcript('the flood');
    let lab: TftpLab;
    before(async () => {
      lab = new TftpLab();
      lab.file('loader', 250_007);
      await lab.serve();
      lab.client.address('lan', `${FLOODER}/24`);
      const child = lab.client.spawn(process.execPath, [FLOOD, SERVER, FLOODER, 'loader']);
      flood.follow(child.stdout, child.stderr);
      child.once('close', () => flood.end());
      await flood.until(/flooding/);
    });
    after(() => lab.close());

    for (const client of withOptions) {
      test(`${client.name} loads a loader of 250,007 bytes`, requires(client.program), async () => {
        for (let load = 1; load <= 3; load++)
          assert.equal(await lab.load(client, 'loader'), undefined, `load ${load}`);
      });
    }

    test('the log says so in a line for each limit that is met, with who it is', async () => {
      await lab.log.until(/tftp\.limited: .*10\.88\.69\.66/);
      const limited = lab.log.lines.filter((line) => line.startsWith('tftp.limited'));
      assert.ok(limited.length <= 6, limited.join('\n'));
      assert.match(limited.join('\n'), /TFTP_TRANSFERS_PER_ADDRESS/);
    });
  },
);
