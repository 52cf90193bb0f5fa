import dgram from 'node:dgram';
import { once } from 'node:events';
import { decode, encode } from '../../src/protocol/tftp/codec.ts';

const PATIENCE_MS = 20_000;
const RECEIVE_BUFFER = 4 * 1024 * 1024;

/**
 * Loads a file from loopback as UEFI does: its options as wanted, an ACK a window, and the last ACK again after a block out of turn. Blocks
 * go to `take` in their order; `from` is the machine's address.
 *
 * @returns how many bytes they were. @throws Error for an ERROR, or where nothing comes any more.
 */
export async function load(
  port: number,
  file: string,
  options: Readonly<Record<string, number>>,
  take: (data: Uint8Array) => void,
  from = '127.0.0.1',
): Promise<number> {
  const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER });
  const wanted = Object.entries(options).map(([name, value]) => [name, String(value)] as const);
  let blockSize = 512;
  let windowSize = 1;
  let block = 0;
  let inWindow = 0;
  let bytes = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`${file}: nothing after block ${block}`)), PATIENCE_MS);
  const acknowledge = () => {
    inWindow = 0;
    socket.send(encode({ type: 'ack', block: block % 65536 }), port, '127.0.0.1');
  };
  socket.on('message', (message) => {
    const packet = decode(message);
    timer.refresh();
    if (packet.type === 'error') return reject(new Error(packet.message));
    if (packet.type === 'oack') {
      blockSize = Number(packet.options.get('blksize') ?? blockSize);
      windowSize = Number(packet.options.get('windowsize') ?? windowSize);
      return acknowledge();
    }
    if (packet.type !== 'data') return;
    if (packet.block !== (block + 1) % 65536) return acknowledge();
    block += 1;
    bytes += packet.data.length;
    take(packet.data);
    const last = packet.data.length < blockSize;
    if (++inWindow === windowSize || last) acknowledge();
    if (last) resolve();
  });
  try {
    socket.bind(0, from);
    await once(socket, 'listening');
    socket.send(encode({ type: 'rrq', file, mode: 'octet', options: new Map(wanted) }), port, '127.0.0.1');
    await promise;
    return bytes;
  } finally {
    clearTimeout(timer);
    socket.close();
  }
}
