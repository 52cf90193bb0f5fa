// The load of a soak, run in a host that stands for 10.88.0.0/24: `node program.ts ORDER`, a LoadOrder as JSON. Prints a LoadSample as a line of
// JSON for each line of its standard input.
import { createInterface } from 'node:readline';
import { Addresses } from '../../../test/lab/fleet/addresses.ts';
import { DhcpPort } from '../../../test/lab/fleet/dhcp-client.ts';
import { sendGarbage } from './garbage.ts';
import { keepBooting } from './machines.ts';
import { keepReading } from './readers.ts';
import { Tally } from './tally.ts';

export interface LoadOrder {
  readonly adapter: string;
  readonly server: string;
  /** What files may hold: SHA-256 by name, several where a file is replaced. */
  readonly contents: Readonly<Record<string, readonly string[]>>;
  /** Other files that are there now and then. */
  readonly extras: readonly string[];
  readonly seed: number;
}

const order = JSON.parse(process.argv[2]!) as LoadOrder;
const port = new DhcpPort();
const addresses = new Addresses();
const tally = new Tally();
await port.open(order.adapter);
keepBooting(order, { port, addresses, tally });
keepReading(order, tally);
sendGarbage(order, tally);
for await (const _ of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(tally.drain())}\n`);
