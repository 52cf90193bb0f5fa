/**
 * http (on two threads) and tftp over one folder, on ports of loopback: `node content-server.ts FOLDER`. Prints the ports as JSON and, when it is
 * told to end, why files could not be sent, with how often: a JSON object.
 */
import { BlockCache } from '../../src/assets/blocks.ts';
import { openImages } from '../../src/assets/images.ts';
import { startHttp } from '../../src/http/service.ts';
import type { Event } from '../../src/journal/event.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { startTftp } from '../../src/tftp/service.ts';
import { profileFor } from '../http/rig.ts';

const [folder = ''] = process.argv.slice(2);
const profile = profileFor(folder);
const reasons: Record<string, number> = {};

function sink(event: Event): void {
  const why =
    event.kind === 'http.asset.aborted' || event.kind === 'http.refused'
      ? event.reason
      : event.kind === 'tftp.failed'
        ? event.problem
        : undefined;
  if (why !== undefined) reasons[why] = (reasons[why] ?? 0) + 1;
}

// Less than one file: blocks are dropped, and read again.
const cache = new BlockCache({ limit: 2 * 1024 * 1024 });
const assets = openImages(profile.paths, sink, cache);
const tftp = await startTftp({ profile, assets, sink, clock: systemClock, port: 0 });
const http = await startHttp({ profile, sink, threads: 2 });
process.stdout.write(`${JSON.stringify({ tftp: tftp.port, http: http.port })}\n`);
process.once('SIGTERM', async () => {
  await Promise.all([http.stop(), tftp.stop()]);
  process.stdout.write(`${JSON.stringify(reasons)}\n`, () => process.exit());
});
