import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { handle } from '../../src/dhcp/engine.ts';
import { Kinds } from '../../src/dhcp/kinds.ts';
import type { Outcome } from '../../src/dhcp/question.ts';
import { ReceiveLoop } from '../../src/dhcp/receive-loop.ts';
import { Scope, type Scopes } from '../../src/dhcp/scope.ts';
import type { Event } from '../../src/journal/event.ts';
import { LeaseBook } from '../../src/leases/book.ts';
import type { Lease, LeaseChange, LeaseStore } from '../../src/leases/lease.ts';
import { formatIpv4, type Ipv4 } from '../../src/protocol/ipv4.ts';
import { ip, SETTINGS } from '../dhcp/rig.ts';
import { checkAnswer, checkDestination, isAnswerable, type Network } from './dhcp-answer.ts';
import { makeMessage, open, SEEDS } from './dhcp-inputs.ts';
import type { Random } from './random.ts';
import { SentBox } from './sent.ts';
import type { Target, Trial } from './target.ts';

const RELAYED = [
  { network: '10.1.0.0', first: '10.1.0.10', gateway: 'relay' },
  { network: '10.2.0.0', first: '10.2.0.20', gateway: 'as-set' },
] as const;
const POOL = 12;
const NETWORK: Network = {
  subnets: ['10.0.0.0', ...RELAYED.map(({ network }) => network)].map((network) => ({
    network: ip(network),
    prefix: 24,
  })),
  relays: [ip('192.168.7.7')],
  own: SETTINGS.served.own,
};

function scopes(): Scopes {
  const book = (first: string) => new LeaseBook({ first: ip(first), count: POOL, reserved: [] });
  return {
    local: new Scope({ ...SETTINGS, served: NETWORK }, book('10.0.0.10')),
    relayed: RELAYED.map(({ network, first, gateway }) => {
      const subnet = { network: ip(network), prefix: 24 };
      return new Scope(
        { ...SETTINGS, subnet, gateway: undefined },
        book(first),
        gateway,
        gateway === 'relay' ? NETWORK.relays : [],
      );
    }),
  };
}

/** A disk that takes a turn for every write, and sees to it that no address is promised twice. */
class WatchfulStore implements LeaseStore {
  readonly #leases = new Map<Ipv4, Lease>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  async *load(): AsyncGenerator<Lease[]> {}

  async save(changes: readonly LeaseChange[]): Promise<void> {
    for (const change of changes) {
      if (change.kind === 'remove') this.#leases.delete(change.address);
      else this.#put(change.lease);
    }
    await nextTurn();
  }

  async close(): Promise<void> {}

  #put(lease: Lease): void {
    const before = this.#leases.get(lease.address);
    const taken = before?.state === 'bound' && before.expires > this.#now() && before.key !== lease.key;
    if (taken && lease.state === 'bound')
      throw new Error(`${formatIpv4(lease.address)} is ${before.key}’s and was given to ${lease.key}`);
    this.#leases.set(lease.address, lease);
  }
}

/**
 * Port 67 of a server of addresses, with two subnets behind relays, as the service has it: each message is read the fast way (kinds of messages,
 * replies with blanks), and the same message is decided on a second server the plain way. Both must say the same. The bytes of a message are
 * overwritten as soon as the socket may do that.
 */
class Server67 implements Trial {
  readonly seeds = SEEDS;
  readonly #box = new SentBox();
  readonly #events: Event[] = [];
  readonly #plain = scopes();
  readonly #answers: Uint8Array[] = [];
  readonly #loop: ReceiveLoop;
  /** Since the last settling: what was heard, and what the plain way says to it. */
  #heard: Uint8Array[] = [];
  #expected: Outcome[] = [];
  #now = 1_000_000;
  #fault: unknown;

  constructor() {
    const kinds = new Kinds();
    const fast = scopes();
    const store = new WatchfulStore(() => this.#now);
    const save = (changes: readonly LeaseChange[]) =>
      store.save(changes).catch((error: unknown) => {
        this.#fault ??= error;
      });
    this.#loop = new ReceiveLoop({
      decide: ({ bytes, address }, now) => handle(bytes, address, fast, now, undefined, kinds),
      adapter: 'lan0',
      leases: { file: 'leases', store: { save } },
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
    const outcome = handle(Uint8Array.from(bytes), address, this.#plain, this.#now);
    this.#expected.push(outcome);
    this.#heard.push(bytes);
    assert.ok(
      !outcome.answer || isAnswerable(bytes, address, NETWORK),
      'what no server answers was answered',
    );
    const lent = Uint8Array.from(bytes);
    this.#loop.receive([{ bytes: lent, address, port }]);
    lent.fill(0xaa);
    return `${outcome.events.map(({ kind }) => kind)} ${outcome.answer?.bytes.length} ${outcome.changes.length}`;
  }

  async settle(): Promise<void> {
    await this.#loop.settled();
    await nextTurn();
    if (this.#fault) throw this.#fault;
    const sent = this.#box.take();
    const wanted = this.#expected.flatMap(({ answer }) => answer ?? []);
    assert.equal(sent.length, wanted.length, 'as many answers as the plain way gives');
    const byBytes = (a: { bytes: Uint8Array }, b: { bytes: Uint8Array }) => Buffer.compare(a.bytes, b.bytes);
    const ordered = sent.toSorted(byBytes);
    for (const [index, { bytes }] of wanted.toSorted(byBytes).entries())
      assert.equal(
        byBytes({ bytes }, ordered[index]!),
        0,
        `${shown(ordered[index]!.bytes)} is not ${shown(bytes)}`,
      );
    for (const one of sent) {
      const { giaddr } = checkAnswer(one, this.#heard);
      checkDestination(one.address, giaddr, NETWORK);
      this.#answers.push(one.bytes);
    }
    if (this.#answers.length > 64) this.#answers.splice(0, 32);
    const told = this.#events.splice(0);
    for (const event of told) assert.notEqual(event.kind, 'config.unexpected', JSON.stringify(event));
    const kinds = (events: readonly { kind: string }[]) =>
      events
        .map(({ kind }) => kind)
        .filter((kind) => kind !== 'dhcp.no-unicast')
        .sort();
    assert.deepEqual(kinds(told), kinds(this.#expected.flatMap(({ events }) => events)));
    this.#heard = [];
    this.#expected = [];
  }
}

const shown = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

export const dhcpServer: Target = { name: 'dhcp-server', begin: () => new Server67() };
