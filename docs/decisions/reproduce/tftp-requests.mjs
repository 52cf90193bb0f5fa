// How requests are read: options, links that lead out of the folder, and what a datagram costs before it is looked at.
import dgram from 'node:dgram';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Network, settle } from './rig/network.mjs';
import { giving, LOOPBACK, Peer, readRequest, serve } from './rig/tftp.mjs';

new Network();
const { port } = await serve(giving(2000));
for (const options of ['timeout 2 tsize 0', 'TSIZE 0 BlkSize 1024']) {
  console.log(`${options}: ${await new Peer().ask(readRequest('file', ...options.split(' ')), port)}`);
}

const files = await serve();
symlinkSync(fileURLToPath(import.meta.url), join(files.root, 'link'));
const peer = new Peer();
peer.send(readRequest('link'), files.port);
console.log(`a link out of the folder: ${await peer.answer()}`);

const { createSocket } = dgram;
let sockets = 0;
dgram.createSocket = (...options) => {
  sockets += 1;
  return createSocket(...options);
};
const junk = createSocket('udp4');
for (let sent = 0; sent < 100; sent++) junk.send(Buffer.from('junk'), 0, 4, port, LOOPBACK);
await settle();
console.log(`sockets made for 100 datagrams of junk: ${sockets}`);
process.exit();
