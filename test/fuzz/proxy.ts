import assert from 'node:assert/strict';
import { handleAsBootServer, handleAsProxy } from '../../src/dhcp/proxy.ts';
import { type Decide, ReceiveLoop } from '../../src/dhcp/receive-loop.ts';
import type { Event } from '../../src/journal/event.ts';
import { ip, SETTINGS } from '../dhcp/rig.ts';
import { checkAnswer, checkDestination, isAnswerable, type Network } from './dhcp-answer.ts';
import { makeMessage, open, SEEDS } from './dhcp-inputs.ts';
import type { Random } from './random.ts';
import { type Sent, SentBox } from './sent.ts';
import type { Target, Trial } from './target.ts';

const NETWORK: Network = {
  subnets: [
    { network: ip('10.88.0.0'), prefix: 20 },
    { network: ip('10.88.16.0'), prefix: 24 },
  ],
  relays: [ip('192.168.7.7')],
  own: [ip('10.88.0.1')],
};
/** The network of the captures. */
const LAB = {
  server: ip('10.88.0.1'),
  tftp: ip('10.88.0.1'),
  subnet: { network: ip('10.88.0.0'), prefix: 20 },
  plan: { ...SETTINGS.plan, http: { address: ip('10.88.0.1'), port: 80 }, tftp: ip('10.88.0.1') },
  served: NETWORK,
};
/** Mask, router, DNS, domain, lease: another server's to tell. */
const OF_ANOTHERS_NETWORK = [1, 3, 6, 15, 28, 51, 58, 59];

type Check = (sent: Sent, from: { address: number; port: number }, giaddr: number) => void;

/** A port of a ProxyDHCP server; whoever asks is answered at once or never, and given nothing of another's network. */
class ProxyPort implements Trial {
  readonly seeds = SEEDS;
  readonly #box = new SentBox();
  readonly #events: Event[] = [];
  readonly #loop: ReceiveLoop;
  readonly #check: Check;
  readonly #answers: Uint8Array[] = [];
  #now = 1_000_000;

  constructor(decide: Decide, check: Check) {
    this.#check = check;
    this.#loop = new ReceiveLoop({
      decide,
      adapter: 'lan0',
      clock: { now: () => this.#now, monotonic: () => this.#now * 1000 },
      sink: (event) => void this.#events.push(event),
    });
    this.#loop.socket = this.#box;
  }

  make(random: Random, corpus: readonly Uint8Array[]): Uint8Array {
    return makeMessage(random, corpus, this.#answers);
  }

  feed(input: Uint8Array): string {
    const { address, port, seconds, bytes } = open(input);
    this.#now += seconds;
    const lent = Uint8Array.from(bytes);
    this.#loop.receive([{ bytes: lent, address, port }]);
    lent.fill(0xaa);
    const sent = this.#box.take();
    assert.ok(
      sent.length <= 1 && (sent.length === 0 || isAnswerable(bytes, address, NETWORK)),
      `${sent.length} answers`,
    );
    for (const one of sent) this.#look(one, bytes, { address, port });
    const events = this.#events.splice(0);
    for (const event of events) assert.notEqual(event.kind, 'config.unexpected', JSON.stringify(event));
    return `${events.map(({ kind }) => kind)} ${sent[0]?.bytes.length}`;
  }

  #look(sent: Sent, asked: Uint8Array, from: { address: number; port: number }): void {
    const { yiaddr, giaddr, options } = checkAnswer(sent, [asked]);
    assert.equal(yiaddr, 0);
    for (const code of OF_ANOTHERS_NETWORK) assert.ok(!options.has(code), `option ${code}`);
    this.#check(sent, from, giaddr);
    if (this.#answers.push(sent.bytes) > 64) this.#answers.splice(0, 32);
  }
}

export const proxy: Target = {
  name: 'dhcp-proxy',
  begin: () =>
    new ProxyPort(
      ({ bytes, address }) => handleAsProxy(bytes, address, LAB),
      ({ address }, _from, giaddr) => checkDestination(address, giaddr, NETWORK),
    ),
};

export const bootServer: Target = {
  name: 'boot-server',
  begin: () =>
    new ProxyPort(
      (datagram) => handleAsBootServer(datagram.bytes, datagram, LAB),
      ({ address, port }, from) => {
        assert.deepEqual({ address, port }, from);
        checkDestination(address, 0, NETWORK);
      },
    ),
};
