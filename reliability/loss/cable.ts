import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { End, Lab } from '../../test/lab/net.ts';
import type { Impairment } from './line.ts';

const PROGRAM = fileURLToPath(new URL('./cable-program.ts', import.meta.url));

/**
 * Lays a bad cable between two hosts, in place of cables with which these adapters were connected before. Frames are lost, doubled and held back
 * between the hosts, where every packet is one frame; the same seed is the same row of misfortunes.
 */
export async function connectBadly(
  lab: Lab,
  a: End,
  b: End,
  impairment: Impairment,
  seed: number,
): Promise<ChildProcess> {
  const between = lab.host('cable');
  const args = [PROGRAM, 'left', 'right', JSON.stringify(impairment), String(seed)];
  const running = between.spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const failed = once(running, 'close').then(() => {
    throw new Error('the cable did not come to be');
  });
  await Promise.race([once(running.stdout!, 'data'), failed]);
  failed.catch(() => undefined);
  for (const [end, tap] of [
    [a, 'left'],
    [b, 'right'],
  ] as const) {
    const { host, adapter, bridge, address } = end;
    await host.run('ip', ['link', 'delete', adapter]);
    between.ip('link', 'set', tap, 'netns', host.namespace, 'name', adapter);
    // Off in cards of machines that boot, too: equal datagrams would be put together again.
    if (bridge) host.ip('link', 'set', adapter, 'master', bridge);
    if (address) host.address(adapter, address);
    host.ip('link', 'set', adapter, 'up');
  }
  return running;
}
