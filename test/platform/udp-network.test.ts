import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import type { TestContext } from 'node:test';
import koffi from 'koffi';
import { setSocketOption } from '../../src/platform/libc.ts';
import type { UdpOptions } from '../../src/platform/udp.ts';
import { parseIpv4 } from '../../src/protocol/ipv4.ts';
import { connect, type Host, Lab } from '../lab/net.ts';
import { requires } from '../lab/requires.ts';
import { cut, type Ear, eachWay, LOOPBACK, listen, pattern, sendSegmented } from './udp-rig.ts';

const c = koffi.load('libc.so.6');
const setns = c.func('int setns(int, int)');
const connectTo = c.func('int connect(int, const void *, uint32_t)');
const CLONE_NEWNET = 0x40000000;

const SERVER = parseIpv4('10.88.0.1')!;
const CLIENT = parseIpv4('10.88.0.2')!;
const needs = requires('root', 'netns', 'tc', 'ethtool');

interface Cable {
  readonly server: Host;
  readonly client: Host;
  readonly sender: Ear;
  readonly receiver: Ear;
}

/** Opens it in another namespace: where a socket is, is decided when it is made. */
function listenIn(host: Host, context: TestContext, options: Partial<UdpOptions>): Promise<Ear> {
  const [own, other] = ['/proc/self/ns/net', `/run/netns/${host.namespace}`].map((file) =>
    openSync(file, 'r'),
  );
  try {
    assert.equal(setns(other, CLONE_NEWNET), 0);
    return listen(context, options);
  } finally {
    setns(own, CLONE_NEWNET);
    closeSync(own!);
    closeSync(other!);
  }
}

async function cable(context: TestContext, prepare: (server: Host) => void = () => {}): Promise<Cable> {
  const lab = new Lab();
  const server = lab.host('server');
  const client = lab.host('client');
  connect(
    { host: server, adapter: 'eth0', address: '10.88.0.1/24' },
    { host: client, adapter: 'eth0', address: '10.88.0.2/24' },
  );
  prepare(server);
  const sender = await listenIn(server, context, { address: SERVER });
  const receiver = await listenIn(client, context, { address: CLIENT, receiveBuffer: 16 << 20 });
  context.after(() => lab.close());
  return { server, client, sender, receiver };
}

async function run(host: Host, ...command: string[]): Promise<void> {
  const { status, output } = await host.run(command[0]!, command.slice(1));
  assert.equal(status, 0, output);
}

eachWay(
  'what a slow link does not take at once leaves later, all of it in order',
  async (_, context) => {
    const { server, sender, receiver } = await cable(context);
    await run(
      server,
      'tc',
      'qdisc',
      'add',
      'dev',
      'eth0',
      'root',
      'tbf',
      'rate',
      '100mbit',
      'burst',
      '20k',
      'limit',
      '8m',
    );
    setSocketOption(sender.socket.fd, 'sendBuffer', 40_000);
    const expected: number[] = [];
    for (let n = 0; n < 300; n++) {
      const bytes = pattern(1400 * (n % 4 === 0 ? 4 : 1), n + 1);
      if (n % 4 === 0) sendSegmented(sender.socket, bytes, 1400, CLIENT, receiver.socket.port);
      else sender.socket.send(bytes, CLIENT, receiver.socket.port);
      for (const piece of cut(bytes, 1400)) expected.push(Buffer.from(piece).readUInt32LE(700));
    }
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    await receiver.until(expected.length);
    clearInterval(counting);
    assert.deepEqual(sender.unsent, []);
    assert.deepEqual(
      receiver.heard.map(({ bytes }) => Buffer.from(bytes).readUInt32LE(700)),
      expected,
    );
    assert.ok(turns > 1, 'the event loop went on meanwhile');
  },
  needs,
);

eachWay(
  'closing while a slow link holds up what waits is done at once',
  async (_, context) => {
    const { server, sender, receiver } = await cable(context);
    await run(
      server,
      'tc',
      'qdisc',
      'add',
      'dev',
      'eth0',
      'root',
      'tbf',
      'rate',
      '1mbit',
      'burst',
      '20k',
      'limit',
      '8m',
    );
    setSocketOption(sender.socket.fd, 'sendBuffer', 40_000);
    for (let n = 0; n < 500; n++) sender.socket.send(pattern(1400, n), CLIENT, receiver.socket.port);
    await new Promise(setImmediate);
    await sender.socket.close();
    sender.socket.send(pattern(1400), CLIENT, receiver.socket.port);
  },
  needs,
);

eachWay(
  'blocks that are larger than the path carries arrive all the same',
  async (_, context) => {
    const { sender, receiver } = await cable(context);
    const bytes = pattern(7 * 8192 + 100);
    sender.socket.send(pattern(10), CLIENT, receiver.socket.port);
    sendSegmented(sender.socket, bytes, 8192, CLIENT, receiver.socket.port);
    sendSegmented(sender.socket, bytes, 1400, CLIENT, receiver.socket.port);
    const expected = [pattern(10), ...cut(bytes, 8192), ...cut(bytes, 1400)].map((piece) =>
      Buffer.from(piece),
    );
    await receiver.until(expected.length);
    assert.deepEqual(
      receiver.heard.map((datagram) => Buffer.from(datagram.bytes)),
      expected,
    );
    assert.deepEqual(sender.unsent, []);
  },
  needs,
);

eachWay(
  'an adapter that cannot cut messages sends them block by block',
  async (_, context) => {
    const { server, sender, receiver } = await cable(context);
    await run(server, 'ethtool', '-K', 'eth0', 'tx', 'off');
    const bytes = pattern(16 * 1400 + 7);
    for (let round = 0; round < 3; round++)
      sendSegmented(sender.socket, bytes, 1400, CLIENT, receiver.socket.port);
    const expected = Array(3)
      .fill(cut(bytes, 1400))
      .flat()
      .map((piece: Uint8Array) => Buffer.from(piece));
    await receiver.until(expected.length);
    assert.deepEqual(
      receiver.heard.map((datagram) => Buffer.from(datagram.bytes)),
      expected,
    );
    assert.deepEqual(sender.unsent, []);
  },
  needs,
);

eachWay(
  'what a route or a packet filter forbids is told of those messages alone',
  async (_, context) => {
    const { server, sender, receiver } = await cable(context);
    const { port } = receiver.socket;
    server.ip('route', 'add', 'prohibit', '10.99.9.9');
    server.ip('route', 'add', 'unreachable', '10.99.9.10');
    await run(server, 'nft', 'add', 'table', 'inet', 'f');
    await run(server, 'nft', 'add', 'chain', 'inet', 'f', 'out', '{ type filter hook output priority 0; }');
    await run(server, 'nft', 'add', 'rule', 'inet', 'f', 'out', 'udp', 'dport', '9', 'drop');
    const { socket } = sender;
    socket.send(Uint8Array.of(1), CLIENT, port);
    socket.send(Uint8Array.of(2), parseIpv4('10.99.9.9')!, 5);
    socket.send(Uint8Array.of(3), CLIENT, port);
    socket.send(Uint8Array.of(4), CLIENT, 9);
    socket.send(Uint8Array.of(5), parseIpv4('10.99.9.10')!, 5);
    socket.send(Uint8Array.of(6), CLIENT, port);
    await Promise.all([receiver.until(3), sender.until(3)]);
    assert.deepEqual(
      receiver.heard.map(({ bytes }) => bytes[0]),
      [1, 3, 6],
    );
    assert.deepEqual(
      sender.unsent.map(({ datagram, error }) => [datagram.bytes[0], error.message]),
      [
        [2, 'send EACCES 10.99.9.9:5'],
        [4, 'send EPERM 10.88.0.2:9'],
        [5, 'send EHOSTUNREACH 10.99.9.10:5'],
      ],
    );
    assert.deepEqual(sender.failures, []);
  },
  requires('root', 'netns', 'nft'),
);

eachWay(
  'an adapter that has gone makes sending fail, and nothing else',
  async (_, context) => {
    const { server } = await cable(context);
    const bound = await listenIn(server, context, { address: 0, adapter: 'eth0' });
    server.ip('link', 'del', 'eth0');
    bound.socket.send(Uint8Array.of(1), CLIENT, 9);
    await bound.until(1);
    assert.deepEqual(
      bound.unsent.map(({ error }) => error.code),
      ['ENODEV'],
    );
  },
  needs,
);

eachWay(
  'a peer that hears nothing on its port does no harm, even where the kernel tells the socket so',
  async (_, context) => {
    const gone = await listen(context);
    const { port } = gone.socket;
    await gone.socket.close();
    const { socket, ...rest } = await listen(context);
    const peer = Buffer.alloc(16);
    peer.writeUInt16LE(2);
    peer.writeUInt16BE(port, 2);
    peer.writeUInt32BE(LOOPBACK, 4);
    assert.equal(connectTo(socket.fd, peer, peer.length), 0);
    for (let n = 0; n < 5; n++) {
      socket.send(Uint8Array.of(n), LOOPBACK, port);
      socket.flush();
      await new Promise(setImmediate);
    }
    const back = await listen(context, { port });
    back.socket.send(Uint8Array.of(7), LOOPBACK, socket.port);
    const deadline = Date.now() + 5000;
    while (rest.heard.length === 0 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(rest.heard[0]?.bytes[0], 7);
  },
);
