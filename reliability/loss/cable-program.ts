// A bad cable between two adapters that it makes: `node cable-program.ts ADAPTER ADAPTER IMPAIRMENT SEED`, the impairment as JSON. Prints "ready" once
// they are there; they may then be put into other namespaces. Ends when it is killed.
import { Random } from '../../test/fuzz/random.ts';
import { type Impairment, Line } from './line.ts';
import { Tap, waitFor } from './tap.ts';

const [left = '', right = '', impairment = '{}', seed = '1'] = process.argv.slice(2);
const impaired = JSON.parse(impairment) as Impairment;
const taps = [new Tap(left), new Tap(right)] as const;
const lines = [
  new Line(impaired, new Random(Number(seed))),
  new Line(impaired, new Random(Number(seed) ^ 0x0bad)),
] as const;
const LONGEST_WAIT_MS = 1000;
/** ARP is spared: kernels ask once a second, whoever serves, and nothing else would be measured. */
const ETHERTYPE_AT = 12;
const ARP = 0x0806;
const isArp = (frame: Uint8Array) => ((frame[ETHERTYPE_AT]! << 8) | frame[ETHERTYPE_AT + 1]!) === ARP;
/** Taken from one side before the other has its turn. */
const AT_ONCE = 64;

function forward(from: Tap, to: Tap, line: Line): void {
  for (let n = 0; n < AT_ONCE; n++) {
    const frame = from.receive();
    if (!frame) break;
    if (isArp(frame)) to.send(frame);
    else for (const on of line.take(frame, performance.now())) to.send(on);
  }
  for (const late of line.due(performance.now())) to.send(late);
}

process.stdout.write('ready\n');
// The loop below never returns to Node: what is to be printed has to have gone out.
setImmediate(() => {
  for (;;) {
    const next = Math.min(lines[0].next, lines[1].next) - performance.now();
    waitFor(taps, Math.min(next, LONGEST_WAIT_MS));
    forward(taps[0], taps[1], lines[0]);
    forward(taps[1], taps[0], lines[1]);
  }
});
