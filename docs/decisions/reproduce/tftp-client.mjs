// The client loses one block of a window of 4 and accepts none of the next window, however often it is sent.
import dgram from 'node:dgram';
import { Network } from './rig/network.mjs';
import { LOOPBACK, tftp } from './rig/tftp.mjs';

const network = new Network();
const server = dgram.createSocket('udp4');
await new Promise((bound) => server.bind(0, LOOPBACK, bound));
const { port } = server.address();
const RRQ = 1;
let lost = 0;

server.on('message', (packet, peer) => {
  const send = (bytes) => server.send(Buffer.from(bytes), 0, bytes.length, peer.port, LOOPBACK);
  if (packet[1] === RRQ) {
    console.log(`RRQ ${packet.toString('latin1', 2, packet.length - 1).replaceAll('\0', ' ')}`);
    return send(Buffer.from('\0\x06windowsize\x004\0', 'latin1'));
  }
  const acknowledged = packet[3];
  const blocks = [1, 2, 3, 4].map((next) => acknowledged + next).filter((block) => block !== 3 || lost++ > 0);
  console.log(`ACK ${acknowledged}: ${blocks.map((block) => `data ${block}`).join(', ')}`);
  for (const block of blocks) send([0, 3, 0, block, ...new Uint8Array(512)]);
});

const stream = tftp.createClient({ host: LOOPBACK, port }).createGetStream('file').resume();
const failed = new Promise((resolve) => stream.on('error', (error) => resolve(error.message)));
console.log(await network.run(failed, 60));
