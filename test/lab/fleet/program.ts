// Simulated machines behind one adapter. A program of its own, run in a host of the lab that stands for their addresses (addresses.ts):
// `node program.ts ADAPTER`. Takes an Order a line on its standard input, and prints what it tells (Told), a JSON object a line.
import { createInterface } from 'node:readline';
import { Addresses } from './addresses.ts';
import { DhcpPort } from './dhcp-client.ts';
import { Machine } from './machine.ts';
import type { Order, Told } from './plan.ts';

const [adapter = ''] = process.argv.slice(2);

const tell = (told: Told) => process.stdout.write(`${JSON.stringify(told)}\n`);
const port = new DhcpPort();
const addresses = new Addresses();
await port.open(adapter);
tell({ what: 'ready' });
const machines = new Map<string, Machine>();
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order;
  if (order.order === 'release') {
    machines.get(order.mac)?.release();
    continue;
  }
  for (const plan of order.machines) {
    const machine = new Machine(plan, { port, addresses, hash: order.hash, tell });
    machines.set(plan.mac, machine);
    void machine.run();
  }
}
