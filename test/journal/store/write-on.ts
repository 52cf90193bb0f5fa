import { JournalWriter } from '../../../src/journal/store/journal-writer.ts';
import { systemClock } from '../../../src/platform/clock.ts';

/** A service that records one event after another until it is ended: `write-on.ts FILE`. The events' addresses count up. */
const writer = new JournalWriter({
  file: process.argv[2]!,
  clock: systemClock,
  told: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
  days: 14,
  bytes: 64e6,
});
writer.start();
let next = 0;
setInterval(() => {
  for (let n = 0; n < 10; n++)
    writer.record({ kind: 'dhcp.inform', mac: '52:54:00:00:00:01', address: next++ });
}, 5);
process.on('SIGTERM', async () => {
  await writer.stop();
  process.exit(0);
});
