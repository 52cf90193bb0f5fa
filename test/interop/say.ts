// Says DHCP messages as they are. A program of its own, run in a host of the lab: `node say.ts ADAPTER`. Reads a JSON object a line
// ({hex, from, address, port}: payload, own port, and where to) and sends what it says.
import { createInterface } from 'node:readline';
import { type DatagramSocket, openUdp } from '../../src/platform/udp.ts';
import { parseIpv4 } from '../../src/protocol/ipv4.ts';

const [adapter = ''] = process.argv.slice(2);
const failed = (error: Error) => {
  throw error;
};
const handlers = { batch: () => undefined, sendFailed: (_: unknown, error: Error) => failed(error), failed };
const sockets = new Map<number, DatagramSocket>();
for (const port of [67, 68, 4011]) sockets.set(port, await openUdp({ port, adapter }, handlers));
process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const { hex, from, address, port } = JSON.parse(line);
  sockets.get(from)!.send(Buffer.from(hex, 'hex'), parseIpv4(address)!, port);
}
process.exit();
