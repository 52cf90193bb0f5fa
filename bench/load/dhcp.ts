// Closed-loop DHCP load: so many exchanges are always under way, each of a machine of its own that asks through a relay, as behind any
// router. Argument: one JSON word (Wanted); result: one JSON line (Result). Every answer is checked against what was asked.
import { openUdp } from '../../src/platform/udp.ts';
import { MESSAGE, OPTION, SERVER_PORT } from '../../src/protocol/dhcp/codes.ts';
import { parseIpv4 } from '../../src/protocol/ipv4.ts';
import { firmwares, optionAt, type Template } from './machine-packets.ts';

export interface Wanted {
  readonly adapter: string;
  /** The relay's address, which the adapter has, and the server's. */
  readonly address: string;
  readonly server: string;
  /** new: machines never seen before, DISCOVER to ACK. renew: machines that have a lease extend it. */
  readonly mode: 'new' | 'renew';
  readonly inFlight: number;
  /** Of load before measuring, and of measuring. */
  readonly warmUp: number;
  readonly seconds: number;
  /** How many machines renew by turns. */
  readonly machines?: number;
  /** Machines have the numbers from this on, and their hardware addresses by that; 24 bits. */
  readonly firstMachine?: number;
}

export interface Result {
  readonly exchanges: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50ms: number;
  readonly p99ms: number;
  readonly mostMs: number;
  /** Exchanges that waited for an answer for a second, and began anew. */
  readonly drops: number;
  /** Addresses that were given to two machines. */
  readonly duplicates: number;
  /** Answers that did not fit what was asked: a NAK, another address than was offered. */
  readonly wrong: number;
  /** Share of one processor that the load itself took meanwhile: near 1 it is what was measured. */
  readonly loadBusy: number;
}

const wanted = JSON.parse(process.argv[2] ?? '{}') as Wanted;
const { inFlight, machines = 5000, firstMachine = 0 } = wanted;
const RETRY_MS = 1000;
const MOST = 1 << 20;
const XID_AT = 4;
const YIADDR_AT = 16;
const relay = parseIpv4(wanted.address)!;
const server = parseIpv4(wanted.server)!;
const kinds = firmwares();

/** Of one exchange under way. */
interface Slot {
  machine: number;
  xid: number;
  doing: 'idle' | 'discover' | 'request' | 'renew';
  begun: number;
  sent: number;
  offered: number;
  readonly packets: { discover: Template; request: Template; renew: Template }[];
}

/** The packet again, with bytes that this exchange may write to: relayed once, by this relay. */
function own(template: Template): Template {
  const bytes = Buffer.from(template.bytes);
  bytes[3] = 1;
  bytes.writeUInt32BE(0, 12);
  bytes.writeUInt32BE(relay, 24);
  if (template.server >= 0) bytes.writeUInt32BE(server, template.server);
  return { ...template, bytes };
}

const slots = Array.from(
  { length: inFlight },
  (): Slot => ({
    machine: 0,
    xid: 0,
    doing: 'idle',
    begun: 0,
    sent: 0,
    offered: 0,
    packets: kinds.map(({ discover, request, renew }) => ({
      discover: own(discover),
      request: own(request),
      renew: own(renew),
    })),
  }),
);

/** By machine: its address. By address: its machine, plus 1. */
const addressOf = new Uint32Array(MOST);
const machineAt = new Map<number, number>();
const latencies = new Float64Array(MOST * 4);
let exchanges = 0;
let measuredFrom = Number.POSITIVE_INFINITY;
let measuredTo = Number.POSITIVE_INFINITY;
let drops = 0;
let duplicates = 0;
let wrong = 0;
let next = 0;
let renewing = false;
let leased = 0;

const socket = await openUdp(
  { port: SERVER_PORT, adapter: wanted.adapter, receiveBuffer: 4 << 20 },
  {
    batch(datagrams) {
      for (const { bytes } of datagrams) answered(bytes);
    },
    sendFailed(_datagram, error) {
      throw error;
    },
    failed(error) {
      throw error;
    },
  },
);

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

function put32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function send(slot: Slot, doing: 'discover' | 'request' | 'renew'): void {
  const { bytes, macs, requested } = slot.packets[slot.machine % kinds.length]![doing];
  const machine = firstMachine + slot.machine;
  put32(bytes, XID_AT, slot.xid);
  // 02: locally administered.
  for (const at of macs) {
    put32(bytes, at, 0x02b00700);
    bytes[at + 3] = machine >>> 16;
    bytes[at + 4] = machine >>> 8;
    bytes[at + 5] = machine;
  }
  if (doing === 'request') put32(bytes, requested, slot.offered);
  if (doing === 'renew') put32(bytes, 12, slot.offered);
  slot.doing = doing;
  slot.sent = performance.now();
  socket.send(bytes, server, SERVER_PORT);
}

/** The next machine begins where the last one ended. */
function begin(slot: Slot): void {
  slot.begun = performance.now();
  slot.xid = (slot.xid + inFlight) >>> 0;
  if (renewing) {
    slot.machine = next++ % machines;
    slot.offered = addressOf[slot.machine]!;
    send(slot, 'renew');
    return;
  }
  if (wanted.mode === 'renew' && next === machines) {
    slot.doing = 'idle';
    return;
  }
  if (next === MOST) throw new Error(`more than ${MOST} machines`);
  slot.machine = next++;
  send(slot, 'discover');
}

function answered(bytes: Uint8Array): void {
  const xid = u32(bytes, XID_AT);
  const slot = slots[xid % inFlight]!;
  if (slot.xid !== xid) return;
  const type = bytes[optionAt(bytes, OPTION.messageType)];
  const address = u32(bytes, YIADDR_AT);
  if (slot.doing === 'discover' && type === MESSAGE.offer) {
    slot.offered = address;
    send(slot, 'request');
    return;
  }
  if (slot.doing !== 'request' && slot.doing !== 'renew') return;
  if (type === MESSAGE.offer) return;
  if (type !== MESSAGE.ack || address !== slot.offered) {
    wrong += 1;
    again(slot);
    return;
  }
  if (slot.doing === 'request') took(slot.machine, address);
  finished(slot);
}

function took(machine: number, address: number): void {
  const holder = machineAt.get(address);
  if (holder !== undefined && holder !== machine) duplicates += 1;
  machineAt.set(address, machine);
  addressOf[machine] = address;
  leased += 1;
}

function finished(slot: Slot): void {
  const now = performance.now();
  if (now >= measuredFrom && now <= measuredTo) latencies[exchanges++] = now - slot.begun;
  begin(slot);
}

function retry(): void {
  const now = performance.now();
  for (const slot of slots) {
    if (slot.doing === 'idle' || now - slot.sent < RETRY_MS) continue;
    if (now >= measuredFrom) drops += 1;
    again(slot);
  }
}

/** The same machine, from the start. */
function again(slot: Slot): void {
  slot.xid = (slot.xid + inFlight) >>> 0;
  send(slot, slot.doing === 'renew' ? 'renew' : 'discover');
}

const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

slots.forEach((slot, n) => {
  slot.xid = n;
  begin(slot);
});
const retries = setInterval(retry, 100);
if (wanted.mode === 'renew') {
  while (leased < machines) await wait(0.05);
  renewing = true;
  slots.forEach(begin);
}
await wait(wanted.warmUp);
const before = process.cpuUsage();
measuredFrom = performance.now();
measuredTo = measuredFrom + wanted.seconds * 1000;
await wait(wanted.seconds);
const spent = process.cpuUsage(before);
clearInterval(retries);
await socket.close();

const sorted = latencies.subarray(0, exchanges).sort();
const share = (part: number) => Number((sorted[Math.floor(sorted.length * part)] ?? Number.NaN).toFixed(3));
const result: Result = {
  exchanges,
  seconds: wanted.seconds,
  perSecond: Math.round(exchanges / wanted.seconds),
  p50ms: share(0.5),
  p99ms: share(0.99),
  mostMs: Number((sorted.at(-1) ?? Number.NaN).toFixed(3)),
  drops,
  duplicates,
  wrong,
  loadBusy: Number(((spent.user + spent.system) / 1e6 / wanted.seconds).toFixed(2)),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
