import type http from 'node:http';
import net, { type Socket } from 'node:net';
import { preferLanCongestion } from '../platform/tcp-congestion.ts';

export interface Place {
  readonly host: string;
  /** 0: the kernel chooses. */
  readonly port: number;
}

/**
 * Has the server listen where nobody else does. With `shared`, other threads may listen there too from then on, and the kernel deals out
 * connections among them; whoever tries without SO_REUSEPORT, or as another user, still gets EADDRINUSE.
 *
 * @throws the system's error where the place cannot be had: EADDRINUSE, EADDRNOTAVAIL, EACCES.
 */
export async function listenAlone(server: net.Server, place: Place, shared: boolean): Promise<void> {
  if (!shared) return listen(server, { ...place, exclusive: true });
  // SO_REUSEPORT alone would also join another process of the same user that has set it.
  return listenAlso(server, { ...place, port: await tryPlace(place) });
}

/** @returns the port, which is free again. @throws as {@link listenAlone}. */
export async function tryPlace(place: Place): Promise<number> {
  const first = net.createServer((socket) => socket.resetAndDestroy());
  await listen(first, { ...place, exclusive: true });
  const { port } = first.address() as net.AddressInfo;
  await new Promise<void>((resolve) => first.close(() => resolve()));
  return port;
}

/** Has the server listen where another thread of this process does. */
export function listenAlso(server: net.Server, place: Place): Promise<void> {
  return listen(server, { ...place, reusePort: true });
}

function listen(server: net.Server, options: net.ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, () => {
      server.off('error', reject);
      preferLanCongestion(server);
      resolve();
    });
  });
}

/**
 * Has the connections of a server given to `accept` instead of its http parser.
 *
 * @returns what gives a paused one to the parser after all.
 */
export function takeConnections(
  server: http.Server,
  accept: (socket: Socket) => void,
): (socket: Socket) => void {
  const parse = server.listeners('connection') as ((this: http.Server, socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', accept);
  return (socket) => {
    for (const listener of parse) listener.call(server, socket);
    socket.resume();
  };
}
