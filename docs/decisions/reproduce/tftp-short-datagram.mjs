// One datagram of a byte, to a transfer's port and from anywhere, ends the process. Real sockets, so that nothing hides it.
import dgram from 'node:dgram';
import { giving, LOOPBACK, readRequest, serve, whence } from './rig/tftp.mjs';

const { port } = await serve(giving(2000));
process.on('uncaughtException', (error) => {
  console.log(`uncaught ${whence(error)}`);
  process.exit();
});
const [peer, stranger] = [dgram.createSocket('udp4'), dgram.createSocket('udp4')];
peer.once('message', (bytes, transfer) => {
  console.log(`the peer gets data ${bytes[3]}`);
  stranger.send(Uint8Array.of(0), transfer.port, LOOPBACK);
});
peer.send(Uint8Array.from(readRequest('file')), port, LOOPBACK);
