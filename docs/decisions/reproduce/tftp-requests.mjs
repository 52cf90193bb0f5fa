// How requests are read: options, links that lead out of the folder, and what a datagram costs before it is looked at.
import dgram from 'node:dgram';
import { symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { giving, Peer, readRequest, serve, settle } from './rig/tftp.mjs';

const { port } = await serve(giving(2000));
for (const options of ['timeout 2 tsize 0', 'TSIZE 0 BlkSize 1024']) {
  console.log(`${options}: ${await new Peer().ask(readRequest('file', ...options.split(' ')), port)}`);
}

const secret = join(tmpdir(), `tftp-secret-${process.pid}`);
writeFileSync(secret, 'outside of the folder');
const files = await serve();
symlinkSync(secret, join(files.root, 'link'));
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
for (let sent = 0; sent < 100; sent++) junk.send('junk', port, '127.0.0.1');
await settle();
console.log(`sockets made for 100 datagrams of junk: ${sockets}`);
process.exit();
