/** Floods a TFTP server with requests from thousands of ports: `node flood-tftp.ts SERVER FROM FILE`. Ends with whoever started it. */
import dgram from 'node:dgram';
import { encode } from '../../src/protocol/tftp/codec.ts';

const [server = '', from = '', file = ''] = process.argv.slice(2);
const SOCKETS = 3000;
const AT_ONCE = 200;

const plain = encode({ type: 'rrq', file, mode: 'octet', options: new Map() });
const fit = encode({ type: 'rrq', file, mode: 'octet', options: new Map([['blksize', '1468']]) });
const missing = encode({ type: 'rrq', file: 'missing', mode: 'octet', options: new Map() });
const requests = [plain, fit, missing];

const sockets = Array.from({ length: SOCKETS }, (_, n) => {
  const socket = dgram.createSocket('udp4');
  socket.on('error', () => undefined);
  socket.bind(20_000 + n, from);
  return socket;
});
let sent = 0;

function some(): void {
  for (let n = 0; n < AT_ONCE; n++, sent++) {
    sockets[sent % SOCKETS]!.send(requests[sent % requests.length]!, 69, server, () => undefined);
  }
  setTimeout(some, 10);
}

setTimeout(() => {
  console.log('flooding');
  some();
}, 200);
