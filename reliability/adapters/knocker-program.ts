// Somebody who asks for everything, at every address, for ever: `node knocker-program.ts ADAPTER PACKETS-A-SECOND`.
import http from 'node:http';
import { networkInterfaces } from 'node:os';
import { openIcmp6 } from '../../src/platform/icmp6.ts';
import { openUdp } from '../../src/platform/udp.ts';
import { MESSAGE, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { BROADCAST, parseIpv4 } from '../../src/protocol/ipv4.ts';
import { BROADCAST_FLAG, message } from '../../test/dhcp/rig.ts';
import { FILE, OTHER, SERVED } from './site.ts';

const [adapter = '', rate = '1000'] = process.argv.slice(2);
const TURN_MS = 10;
/** ICMPv6 types (RFC 4861). */
const ADVERTISEMENT = 134;
const SOLICITATION = Buffer.of(133, 0, 0, 0, 0, 0, 0, 0);
/** The server's addresses on both adapters, and the broadcast addresses of both subnets. */
const AT = [SERVED.server, OTHER.server, '10.77.1.255', '10.77.2.255', '10.77.3.1', '10.99.0.1'].map(
  (address) => parseIpv4(address)!,
);
const EVERYWHERE = [BROADCAST, ...AT];

const vendor = { [OPTION.vendorClass]: Buffer.from('PXEClient:Arch:00007:UNDI:003016') };
const mac = () => `52:54:0b:00:00:${(16 + Math.floor(Math.random() * 200)).toString(16)}`;
const say = () => ({ mac: mac(), xid: Math.floor(Math.random() * 2 ** 32), flags: BROADCAST_FLAG });
const relay = { giaddr: '10.77.1.5' };
const serverId = { [OPTION.serverIdentifier]: SERVED.server, [OPTION.requestedAddress]: '10.77.1.30' };
const request = Buffer.from(`\0\x01${FILE.name}\0octet\0`, 'latin1');

const QUESTIONS: readonly { port: number; bytes: () => Uint8Array }[] = [
  { port: 67, bytes: () => message(MESSAGE.discover, { ...say(), options: vendor }) },
  { port: 67, bytes: () => message(MESSAGE.request, { ...say(), options: { ...vendor, ...serverId } }) },
  { port: 67, bytes: () => message(MESSAGE.inform, { ...say(), ciaddr: '10.77.1.30', options: vendor }) },
  { port: 67, bytes: () => message(MESSAGE.discover, { ...say(), ...relay, options: vendor }) },
  { port: 4011, bytes: () => message(MESSAGE.request, { ...say(), options: vendor }) },
  { port: 69, bytes: () => request },
  { port: 69, bytes: () => Buffer.of(0, 4, 0, 1) },
];

const none = { batch() {}, sendFailed() {}, failed() {} };
const socket = await openUdp({ port: 0, adapter }, none);
let turn = 0;
setInterval(() => {
  for (let n = 0; n < (Number(rate) * TURN_MS) / 1000; n++, turn++) {
    const { port, bytes } = QUESTIONS[turn % QUESTIONS.length]!;
    socket.send(bytes(), EVERYWHERE[Math.floor(turn / QUESTIONS.length) % EVERYWHERE.length]!, port);
  }
  socket.flush();
}, TURN_MS);
const index = networkInterfaces()[adapter]!.find(({ family }) => family === 'IPv6')!.scopeid!;
const routers = openIcmp6({ name: adapter, index }, ADVERTISEMENT);
setInterval(() => {
  routers.sendToAllNodes(SOLICITATION);
  for (const host of [OTHER.server, '10.77.2.255']) {
    const options = { host, path: `/${FILE.name}`, agent: false, signal: AbortSignal.timeout(1000) };
    http.get(options, (response) => response.resume()).on('error', () => {});
  }
}, 50);
