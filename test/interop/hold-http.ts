/** Holds HTTP connections open: `node hold-http.ts SERVER COUNT idle|head FROM…`. Says how many it has once a second. */
import net from 'node:net';

const [server = '', count = '', what, ...from] = process.argv.slice(2);
const AT_ONCE = 100;
const EVERY_MS = 10;

let begun = 0;
let open = 0;

function connect(): void {
  const localAddress = from[begun % from.length];
  begun += 1;
  const socket = net.connect({ host: server, port: 80, ...(localAddress ? { localAddress } : {}) });
  socket.on('error', () => undefined);
  socket.once('connect', () => {
    open += 1;
    if (what === 'head') socket.write('GET /infrakit.ipxe HTTP/1.1\r\nX: ');
    socket.once('close', () => {
      open -= 1;
    });
  });
}

const connecting = setInterval(() => {
  for (let n = 0; n < AT_ONCE && begun < Number(count); n++) connect();
  if (begun >= Number(count)) clearInterval(connecting);
}, EVERY_MS);
setInterval(() => console.log(`holds ${open} of ${begun}`), 1000);
