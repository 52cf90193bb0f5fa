// One attacker: `node main.ts ORDER` (JSON, see order.ts). Prints "ready" when the attack is under way, goes on until its standard
// input ends, and prints what it has done as JSON.
import { handshakes } from './handshakes.ts';
import { connect } from './http.ts';
import type { Attack, Order, Running } from './order.ts';
import { flood } from './packets.ts';
import { slowAcks } from './slow-ack.ts';

const order = JSON.parse(process.argv[2] ?? '') as Order;

const BEGIN: {
  readonly [K in Attack['does']]: (attack: Extract<Attack, { does: K }>) => Running | Promise<Running>;
} = {
  noise: (attack) => flood(attack, order),
  discover: (attack) => flood(attack, order),
  read: (attack) => flood(attack, order),
  misname: (attack) => flood(attack, order),
  handshake: (attack) => handshakes(attack, order),
  'slow-ack': (attack) => slowAcks(attack, order),
  'slow-read': (attack) => connect(attack, order),
  idle: (attack) => connect(attack, order),
  bombs: (attack) => connect(attack, order),
  pages: (attack) => connect(attack, order),
};

const begin = BEGIN[order.attack.does] as (attack: Attack) => Running | Promise<Running>;
const running = await begin(order.attack);
process.stdout.write('ready\n');
process.stdin.resume().once('end', async () => {
  const done = await running.stop();
  process.stdout.write(`${JSON.stringify(done)}\n`, () => process.exit());
});
