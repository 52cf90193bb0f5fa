// Nobody asks where a packet of a transfer comes from: a stranger's ACK moves it on, and a stranger's ERROR ends it.
import { Network } from './rig/network.mjs';
import { ack, error, giving, Peer, readRequest, serve } from './rig/tftp.mjs';

new Network();
const { port, said } = await serve(giving(2000));
const [peer, stranger] = [new Peer(), new Peer()];
console.log(`the peer asks: ${await peer.ask(readRequest('file'), port)}`);
await stranger.ask(ack(1), peer.port);
console.log(`after a stranger's ACK 1 the peer gets: ${await peer.heard()}`);
await stranger.ask(error('go away'), peer.port);
console.log(`after a stranger's ERROR: ${said}`);
console.log(`the peer's ACK 2: ${await peer.ask(ack(2))}`);
process.exit();
