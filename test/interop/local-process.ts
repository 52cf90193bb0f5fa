// What any program of the host can do: `node local-process.ts 'JSON'`, an array of {bytes (hex), to?, port?}. Sends each from a port of its own,
// and prints what comes back within a moment: a JSON array of arrays of hex.
import dgram from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';

interface Order {
  readonly bytes: string;
  readonly to?: string;
  readonly from?: string;
  readonly port?: number;
}

const orders = JSON.parse(process.argv[2] ?? '[]') as Order[];
const heard = await Promise.all(
  orders.map(async ({ bytes, to = '127.0.0.1', from, port = 67 }) => {
    const socket = dgram.createSocket('udp4');
    const answers: string[] = [];
    socket.on('message', (message) => answers.push(message.toString('hex')));
    await new Promise<void>((resolve) => socket.bind(0, from, resolve));
    socket.send(Buffer.from(bytes, 'hex'), port, to);
    await sleep(1500);
    socket.close();
    return answers;
  }),
);
process.stdout.write(JSON.stringify(heard));
