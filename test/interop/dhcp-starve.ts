// A flood of machines that do not exist, run in a host of the lab: `node dhcp-starve.ts ADAPTER RATE SECONDS`. Each sends one DISCOVER. Prints how many
// were sent, and how many were offered an address.
import { setTimeout as sleep } from 'node:timers/promises';
import { openUdp } from '../../src/platform/udp.ts';
import { MESSAGE } from '../../src/protocol/dhcp/codes.ts';
import { BROADCAST } from '../../src/protocol/ipv4.ts';
import { BROADCAST_FLAG, message } from '../dhcp/rig.ts';

const [adapter = '', rate = '1', seconds = '1'] = process.argv.slice(2);
const ROUND_MS = 50;
const XID_AT = 4;
const MAC_AT = 28;

let sent = 0;
let offered = 0;
const socket = await openUdp(
  { port: 68, adapter },
  {
    batch(datagrams) {
      for (const { bytes } of datagrams) if (bytes[MAC_AT] === 0x02 && bytes[MAC_AT + 1] === 0) offered += 1;
    },
    sendFailed() {},
    failed: (error) => {
      throw error;
    },
  },
);
const begun = performance.now();
const bytes = Buffer.from(message(MESSAGE.discover, { mac: '02:00:00:00:00:00', flags: BROADCAST_FLAG }));
while (performance.now() - begun < Number(seconds) * 1000) {
  for (const due = ((performance.now() - begun) / 1000) * Number(rate); sent < due; sent++) {
    bytes.writeUInt32BE(sent, XID_AT);
    bytes.writeUInt32BE(Math.floor(Math.random() * 2 ** 32), MAC_AT + 2);
    socket.send(bytes, BROADCAST, 67);
  }
  socket.flush();
  await sleep(ROUND_MS);
}
await socket.close();
process.stdout.write(`${JSON.stringify({ sent, offered })}\n`);
