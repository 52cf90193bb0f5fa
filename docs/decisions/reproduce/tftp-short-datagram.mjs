// One datagram of a byte, to a transfer's port and from anywhere, ends the process.
import { giving, Peer, readRequest, serve, whence } from './rig/tftp.mjs';

const { port } = await serve(giving(2000));
process.on('uncaughtException', (error) => {
  console.log(`uncaught ${whence(error)}`);
  process.exit();
});
const [peer, stranger] = [new Peer(), new Peer()];
console.log(`peer asks: ${await peer.ask(readRequest('file'), port)}`);
console.log(`stranger: ${await stranger.ask([0], peer.port)}`);
process.exit();
