// Simulated machines behind one adapter. A program of its own, run in a host of the lab that stands for their addresses (addresses.ts):
// `node program.ts ADAPTER`. Takes a FleetPlan a line on its standard input, and prints what it tells (Told), a JSON object a line.
import { createInterface } from 'node:readline';
import { Addresses } from './addresses.ts';
import { DhcpPort } from './dhcp-client.ts';
import { Machine } from './machine.ts';
import type { FleetPlan, Told } from './plan.ts';

const [adapter = ''] = process.argv.slice(2);

const tell = (told: Told) => process.stdout.write(`${JSON.stringify(told)}\n`);
const port = new DhcpPort();
const addresses = new Addresses();
await port.open(adapter);
tell({ what: 'ready' });
for await (const line of createInterface({ input: process.stdin })) {
  const { machines, hash } = JSON.parse(line) as FleetPlan;
  for (const plan of machines) void new Machine(plan, { port, addresses, hash, tell }).run();
}
