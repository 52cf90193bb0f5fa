// Serves nothing, as fast as this machine can: what limits.ts measures against. Says "ready" once it listens.
import net from 'node:net';
import { type Datagram, openUdp } from '../../src/platform/udp.ts';
import { LIMITS } from './limits-ports.ts';

const SPIN_US = 100;
const PIECE = 256 * 1024;
const failed = (error: Error) => {
  throw error;
};
const sendFailed = (_: Datagram, error: Error) => failed(error);
const receiveBuffer = 16 << 20;

const echo = await openUdp(
  { port: LIMITS.echo, receiveBuffer, spin: SPIN_US },
  {
    batch: (datagrams) => {
      for (const { bytes, address, port } of datagrams) echo.send(bytes, address, port);
    },
    sendFailed,
    failed,
  },
);
const { blocks, length, flood } = LIMITS;
const window = await openUdp(
  { port: LIMITS.window, receiveBuffer, spin: SPIN_US },
  {
    batch: (datagrams) => {
      for (const { address, port } of datagrams) window.reserve(address, port, blocks * length, length);
    },
    sendFailed,
    failed,
  },
);
const piece = Buffer.alloc(PIECE);
const server = net.createServer((socket) => {
  const more = () => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', more).on('error', () => socket.destroy());
  more();
});
server.listen(flood, () => process.stdout.write('ready\n'));
