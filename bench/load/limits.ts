// What this machine carries when nothing is served. Argument: one JSON word (Wanted); result: one JSON line (Result).
import net from 'node:net';
import { parseIpv4 } from '../../src/protocol/ipv4.ts';
import { LIMITS } from './limits-ports.ts';
import { MachineSocket } from './machine-socket.ts';

export interface Wanted {
  readonly server: string;
  /** The client's own. */
  readonly address: string;
  readonly what: 'echo' | 'window' | 'flood' | 'memory';
  /** echo and window: datagrams under way. */
  readonly inFlight?: number;
  readonly seconds: number;
}

export interface Result {
  /** Messages, or bytes, a second. */
  readonly perSecond: number;
}

const wanted = JSON.parse(process.argv[2] ?? '{}') as Wanted;
function period(): [begun: number, until: number] {
  const now = performance.now();
  return [now, now + wanted.seconds * 1000];
}

/** A message is said anew for each that is answered. */
function datagrams(port: number, answer: number): number {
  const socket = new MachineSocket(0);
  const [own, server] = [parseIpv4(wanted.address)!, parseIpv4(wanted.server)!];
  const message = Buffer.alloc(64);
  for (let n = 0; n < (wanted.inFlight ?? 1); n++) socket.send(own, message, server, port);
  socket.flush();
  let bytes = 0;
  let owed = 0;
  const [begun, until] = period();
  let now = begun;
  for (let turns = 0; now < until; turns++) {
    socket.receive((_machine, _bytes, _at, length) => {
      bytes += length;
      owed += length;
    });
    for (; owed >= answer; owed -= answer) socket.send(own, message, server, port);
    socket.flush();
    if (turns % 16 === 0) now = performance.now();
  }
  return (bytes / (now - begun)) * 1000;
}

function flood(): Promise<number> {
  const buffer = Buffer.allocUnsafeSlow(256 * 1024);
  let bytes = 0;
  const [begun, until] = period();
  return new Promise((resolve, reject) => {
    const callback = (count: number) => {
      bytes += count;
      if (performance.now() < until) return true;
      resolve((bytes / (performance.now() - begun)) * 1000);
      socket.destroy();
      return false;
    };
    const socket = net.connect({ host: wanted.server, port: LIMITS.flood, onread: { buffer, callback } });
    socket.on('error', reject);
  });
}

/** Copying from one place that is in no cache to another. */
function memory(): number {
  const [from, to] = [Buffer.alloc(256 << 20, 1), Buffer.alloc(256 << 20, 2)];
  let bytes = 0;
  const [begun, until] = period();
  while (performance.now() < until) bytes += from.copy(to);
  return (bytes / (performance.now() - begun)) * 1000;
}

const measure = {
  echo: () => datagrams(LIMITS.echo, 64) / 64,
  window: () => datagrams(LIMITS.window, LIMITS.blocks * LIMITS.length),
  flood,
  memory,
};
const result: Result = { perSecond: await measure[wanted.what]() };
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit());
