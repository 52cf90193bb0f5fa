import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../lab/leftovers.ts';
import { type Host, Lab } from '../lab/net.ts';
import { requires } from '../lab/requires.ts';
import { Service } from '../lab/service.ts';
import { SERVER, Site } from '../lab/site.ts';

const LOCAL = '10.88.0.77';
const FOREIGN = '10.77.0.9';
/** Each on a connection of its own: that none of them comes to a worker is one case in 10^15. */
const CALLS = 32;

/** Statuses of as many calls that would end a lease. */
async function release(from: Host, address: string): Promise<Set<string>> {
  const url = `http://${SERVER}/api/leases/10.88.0.9/release`;
  const call = ['-X', 'POST', '-H', 'Content-Type: application/json', '-d', '{}', '-w', '%{http_code}', url];
  const calls = Array.from({ length: CALLS }, () =>
    from.run('curl', ['-s', '-m', '8', '-o', '/dev/null', '--interface', address, ...call]),
  );
  return new Set((await Promise.all(calls)).map(({ output }) => output));
}

async function listeners(host: Host): Promise<number> {
  const { output } = await host.run('ss', ['-Hltn', 'sport = :80']);
  return output.split('\n').filter(Boolean).length;
}

test('HTTP_WORKERS: whichever thread a caller comes to, it may do what its own address may; another server is told who has the port', {
  ...requires('root', 'netns', 'curl'),
}, async (t) => {
  const lab = new Lab();
  t.after(() => lab.close());
  const site = new Site(lab);
  const start = (name: string) => {
    const folder = temporaryFolder(name);
    for (const name of ['state', 'images']) mkdirSync(join(folder, name));
    const service = new Service(site.server, 'http', {
      ADAPTER: 'srv0',
      STATE_DIR: join(folder, 'state'),
      IMAGES_DIR: join(folder, 'images'),
      TMPDIR: folder,
      HTTP_WORKERS: '3',
    });
    t.after(() => service.stop('SIGKILL'));
    return service;
  };
  const caller = site.switch;
  for (const address of [LOCAL, FOREIGN]) caller.address('br0', `${address}/24`);
  site.server.ip('route', 'add', `${FOREIGN}/32`, 'dev', 'srv0');
  const http = start('http-workers');
  await http.log.until(/http answers machines on 3 threads/, { seconds: 30 });
  for (let tries = 0; tries < 300 && (await listeners(site.server)) < 3; tries++) await sleep(50);
  assert.equal(await listeners(site.server), 3);

  assert.deepEqual(await release(caller, FOREIGN), new Set(['403']));
  // It is let in, and dhcp is not there to do it.
  assert.deepEqual(await release(caller, LOCAL), new Set(['503']));

  const other = start('http-workers-other');
  await other.log.until(/TCP port 80 is taken by/, { seconds: 30 });
  assert.equal((await other.stop()).ended, 0);
  const { ended, milliseconds } = await http.stop();
  assert.equal(ended, 0);
  assert.ok(milliseconds < 4000, 'it was ended because it did not end');
});
