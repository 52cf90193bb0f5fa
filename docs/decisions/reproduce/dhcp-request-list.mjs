// A ROM's parameter request list (55) that names option 60 or 61 ends the process. Real sockets, so that nothing hides it.
import dgram from 'node:dgram';
import dhcp from 'dhcp';
import { DISCOVER, message, whence } from './rig/dhcp.mjs';

const server = dhcp.createServer({ range: ['10.0.0.10', '10.0.0.13'], server: '10.0.0.1' });
server.on('error', () => {}); // all that a user of the package can do
const client = dgram.createSocket('udp4');
process.on('uncaughtException', (error) => {
  console.log(`uncaught ${whence(error)}`);
  process.exit();
});
server._sock.bind(0, '127.0.0.1', () => {
  const { port } = server._sock.address();
  client.send(message(DISCOVER, [55, 5, 1, 3, 60, 66, 67]), port, '127.0.0.1');
});
