// Machines that get, renew, release and forget their addresses for as long as this program runs: `node crowd-program.ts ADAPTER MACHINES
// SEED [once]` in a host of the lab that answers ARP for the whole pool. Prints what befalls them as {@link Fact}s, one a line. "mark N" on
// standard input is answered by a fact of that number, once all that had come in before is told.
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DatagramSocket, openUdp } from '../../src/platform/udp.ts';
import { MESSAGE, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { byteOf, longOf } from '../../src/protocol/dhcp/options.ts';
import { decodePacket, type Packet } from '../../src/protocol/dhcp/packet.ts';
import { BROADCAST, formatIpv4 } from '../../src/protocol/ipv4.ts';
import { BROADCAST_FLAG, message, type Say } from '../../test/dhcp/rig.ts';
import { Random } from '../../test/fuzz/random.ts';
import type { Fact } from './facts.ts';

const [adapter = '', machines = '1', seed = '1', once] = process.argv.slice(2);
const PATIENCE_MS = 400;
const MARK_AFTER_MS = 30;
/** Machines that ask once begin within this time. */
const ONCE_WITHIN_MS = 150;
/** What a machine does once it has had enough of its address; the rest switches on again. */
const FATES = { release: 0.45, vanish: 0.015 };

const numbers = new Random(Number(seed));
const random = () => numbers.next();
const say = (fact: Fact) => process.stdout.write(`${JSON.stringify(fact)}\n`);
/** Milliseconds that programs of this host count alike. */
const now = () => Number(process.hrtime.bigint() / 1000n) / 1000;

let socket: DatagramSocket;
let exchange = 0;
let born = 0;
const waiting = new Map<number, (packet: Packet) => void>();

function newMac(): string {
  const number = born++;
  return [0x52, 0x54, 0x02, number >> 16, (number >> 8) & 255, number & 255]
    .map((octet) => octet.toString(16).padStart(2, '0'))
    .join(':');
}

async function ask(type: number, what: Say): Promise<Packet | undefined> {
  const xid = ++exchange;
  const { promise, resolve } = Promise.withResolvers<Packet>();
  waiting.set(xid, resolve);
  socket.send(message(type, { ...what, xid, flags: BROADCAST_FLAG }), BROADCAST, 67);
  const reply = await Promise.race([promise, sleep(PATIENCE_MS, undefined)]);
  waiting.delete(xid);
  return reply;
}

/** @returns the address that was acknowledged, 'nak', or undefined where nobody answered. */
async function request(mac: string, what: Say): Promise<string | 'nak' | undefined> {
  const sent = now();
  const reply = await ask(MESSAGE.request, { mac, ...what });
  if (!reply) return undefined;
  if (byteOf(reply.options, OPTION.messageType) === MESSAGE.nak) {
    say({ kind: 'nak', at: now(), mac });
    return 'nak';
  }
  const address = formatIpv4(reply.yiaddr);
  const seconds = longOf(reply.options, OPTION.leaseTime)!;
  const until = sent + seconds * 1000;
  say({
    kind: 'ack',
    at: now(),
    mac,
    address,
    until,
    wall: Date.now() / 1000 - (now() - sent) / 1000 + seconds,
  });
  return address;
}

async function acquire(mac: string): Promise<string | undefined> {
  const offer = await ask(MESSAGE.discover, { mac });
  if (!offer) return undefined;
  const options = {
    [OPTION.serverIdentifier]: offer.options.get(OPTION.serverIdentifier)!,
    [OPTION.requestedAddress]: formatIpv4(offer.yiaddr),
  };
  const got = await request(mac, { options });
  return got === 'nak' ? undefined : got;
}

/** One machine, from its first DISCOVER until it is never seen again. */
async function live(mac: string): Promise<void> {
  for (;;) {
    const address = await acquire(mac);
    await sleep(20 + random() * 200);
    if (!address) continue;
    for (let renewals = Math.floor(random() * 4); renewals > 0; renewals--) {
      if ((await request(mac, { ciaddr: address })) === 'nak') break;
      await sleep(20 + random() * 200);
    }
    const fate = random();
    if (fate < FATES.vanish) return;
    if (fate > FATES.vanish + FATES.release) continue;
    say({ kind: 'release', at: now(), mac });
    socket.send(message(MESSAGE.release, { mac, ciaddr: address, xid: ++exchange }), BROADCAST, 67);
    await sleep(random() * 100);
  }
}

/** One place in the crowd: machine after machine; with "once" one that gets an address and is content. */
async function place(): Promise<void> {
  if (once) {
    const mac = newMac();
    await sleep(random() * ONCE_WITHIN_MS);
    while (!(await acquire(mac)));
    return;
  }
  for (;;) await live(newMac());
}

socket = await openUdp(
  { port: 68, adapter, receiveBuffer: 4 << 20 },
  {
    batch(datagrams) {
      for (const { bytes } of datagrams) {
        const packet = decodePacket(bytes.slice());
        waiting.get(packet.xid)?.(packet);
      }
    },
    sendFailed() {},
    failed: (error) => {
      throw error;
    },
  },
);
createInterface({ input: process.stdin }).on('line', (line) => {
  setTimeout(() => say({ kind: 'mark', number: Number(line.split(' ')[1]) }), MARK_AFTER_MS);
});
for (let machine = 0; machine < Number(machines); machine++) void place();
