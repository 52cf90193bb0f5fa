// What one duplicate ACK does to a transfer whose client makes no other mistake.
import { Network } from './rig/network.mjs';
import { ack, giving, Peer, readRequest, serve } from './rig/tftp.mjs';

new Network(); // where no time passes: nothing here is a retransmission
const lockstep = await serve(giving(3000));
const peer = new Peer();
await peer.ask(readRequest('file'), lockstep.port);
console.log(`ACK 1: ${await peer.ask(ack(1))}`);
console.log(`ACK 1 again: ${await peer.ask(ack(1))}`);
console.log(`ACK 2: ${await peer.ask(ack(2))}`);
console.log(`ACK 3: ${await peer.ask(ack(3))}`);

const unread = await serve((_request, response) => response.setSize(3000));
const other = new Peer();
console.log(`window of 4: ${await other.ask(readRequest('file', 'windowsize', '4'), unread.port)}`);
await other.ask(ack(0));
console.log(`ACK 0 again, before the file is read: ${await other.ask(ack(0))}`);
process.exit();
