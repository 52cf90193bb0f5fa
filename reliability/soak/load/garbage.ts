import dgram from 'node:dgram';
import net from 'node:net';
import { encodePacket } from '../../../src/protocol/dhcp/packet.ts';
import { Random } from '../../../test/fuzz/random.ts';
import { discover, newXid } from '../../../test/lab/fleet/packets.ts';
import type { LoadOrder } from './program.ts';
import type { Tally } from './tally.ts';

const SCANNER = '10.88.0.241';
const PACKETS_EVERY_MS = 50;
const CONNECTIONS_EVERY_MS = 2000;
const LINGER_MS = 5000;
const HTTP_PORT = 80;

/** Of all ports that answer datagrams. */
const PORTS = [67, 69, 4011];

/** What scanners and broken programs send: noise, real messages with bytes turned over, requests that lead nowhere, connections without sense. */
export function sendGarbage({ server, seed }: LoadOrder, tally: Tally): void {
  const random = new Random(seed ^ 0x6a7b);
  const socket = dgram.createSocket('udp4').bind(0, SCANNER);
  socket.on('error', () => undefined);
  const kinds = [
    () => random.bytes(random.int(600)),
    () => turnedOver(dhcp(), random),
    () => Buffer.from(`\0\x01../../${random.int(1e6)}\0octet\0blksize\0${random.int(99_999)}\0`),
    () => Buffer.from(`\0\x01nothing-${random.int(1e6)}\0octet\0`),
    () => turnedOver(Buffer.from('\0\x04\0\x01', 'latin1'), random),
  ];
  setInterval(() => {
    tally.garbage();
    socket.send(random.pick(kinds)(), random.pick(PORTS), server, () => undefined);
  }, PACKETS_EVERY_MS);
  setInterval(() => {
    tally.garbage();
    const connection = net.connect({ host: server, port: HTTP_PORT, localAddress: SCANNER });
    connection.on('error', () => undefined);
    connection.write(random.int(2) ? random.bytes(300) : 'GET /vmlinuz HTTP/1.1\r\nRange: bytes=');
    connection.resume();
    setTimeout(() => connection.destroy(), LINGER_MS);
  }, CONNECTIONS_EVERY_MS);
}

const stranger = { mac: '52:54:ff:00:00:01', kind: 'bios', hostName: 'nobody' } as const;

const dhcp = () => Buffer.from(encodePacket(discover(stranger, 'address', newXid())));

function turnedOver(bytes: Buffer, random: Random): Buffer {
  for (let n = 0; n < 8; n++) bytes[random.int(bytes.length)] = random.int(256);
  return bytes.subarray(0, 1 + random.int(bytes.length));
}
