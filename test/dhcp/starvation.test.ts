import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { handle } from '../../src/dhcp/engine.ts';
import { Kinds } from '../../src/dhcp/kinds.ts';
import { Asks } from '../../src/leases/asks.ts';
import { MESSAGE, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { longOf } from '../../src/protocol/dhcp/options.ts';
import { relayOption, rigWith } from './relayed.ts';
import { type Answered, ip, message, Rig, type Say, SERVER } from './rig.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const pool = (count: number) => ({ first: ip('10.0.0.10'), count, reserved: [] });
const briefly = { newLeaseTime: 600 };
const NEW = '52:54:00:00:00:0a';
const KNOWN = '52:54:00:00:00:0b';

/** Locally administered, as flooding tools make them up. */
function madeUp(n: number): string {
  return `02:00:${[n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].map((octet) => octet.toString(16).padStart(2, '0')).join(':')}`;
}

let made = 0;
/** DISCOVERs of machines that do not exist, each once; how many were answered. */
function flood(rig: Rig, count: number, say: Say = {}): number {
  let answered = 0;
  for (let n = 0; n < count; n++) if (rig.discover({ ...say, mac: madeUp(++made) }).packet) answered += 1;
  return answered;
}

/** A machine's DISCOVERs after so many seconds each, with the flood between them; after how many seconds it has its address. */
function bootsAfter(rig: Rig, mac: string, tries: readonly number[], say: Say = {}): number | undefined {
  let waited = 0;
  for (const wait of [0, ...tries]) {
    for (let second = 0; second < wait; second++) {
      rig.now += 1;
      flood(rig, 500, say);
    }
    waited += wait;
    const offer = rig.discover({ ...say, mac });
    if (!offer.packet) continue;
    assert.equal(rig.select(offer.yiaddr, { ...say, mac }).what, 'ACK');
    return waited;
  }
  return undefined;
}

const IPXE_TRIES = [1, 2, 4];
const UEFI_TRIES = [4, 8, 16];

for (const [firmware, tries] of [
  ['iPXE', IPXE_TRIES],
  ['UEFI', UEFI_TRIES],
] as const) {
  test(`a new machine gets its address within ${firmware}'s own tries in the first moment of a flood, and at its second one later`, () => {
    const rig = new Rig({ pool: pool(20) });
    assert.equal(flood(rig, 5000), 20);
    const atOnce = bootsAfter(rig, NEW, tries);
    assert.ok(atOnce !== undefined && atOnce <= 12, `after ${atOnce} s`);
    for (let n = 0; n < 15; n++) {
      const later = bootsAfter(rig, madeUp(0xff000000 + n), tries);
      assert.equal(later, tries[0], `machine ${n}`);
    }
  });
}

test('a machine that has a lease, or had one, is answered at its first try in any flood, with its own address', () => {
  const rig = new Rig({ pool: pool(20) });
  const current = rig.lease(KNOWN);
  flood(rig, 1000);
  assert.equal(rig.discover({ mac: KNOWN }).yiaddr, current);
  rig.now += 7300;
  for (let minute = 0; minute < 30; minute++) {
    rig.now += 60;
    flood(rig, 1000);
  }
  assert.equal(rig.discover({ mac: KNOWN }).yiaddr, current);
});

test('of machines whose leases are over a flood costs an eighth their address, those that were away longest', () => {
  const rig = new Rig({ pool: pool(16) });
  const macs = Array.from({ length: 16 }, (_, n) => madeUp(0xfe000000 + n));
  const before = macs.map((mac) => {
    rig.now += 1;
    return rig.lease(mac);
  });
  rig.now += 10_000;
  for (let minute = 0; minute < 30; minute++) {
    rig.now += 30;
    flood(rig, 1000);
  }
  const kept = macs.map((mac, n) => rig.scopes.local.book.leaseOf(`1/${mac}`)?.address === ip(before[n]!));
  assert.deepEqual(
    kept,
    macs.map((_, n) => n >= 2),
  );
});

test('a rack that its pool has room for is answered at the first try, all of it, in one second', () => {
  const rig = new Rig({ pool: { first: ip('10.0.0.0') + 10, count: 1000, reserved: [] } });
  assert.equal(flood(rig, 1000), 1000);
});

test('where one port of a relay has taken the pool, a machine on another gets an address at its second try', () => {
  const rig = rigWith([{ cidr: '10.1.0.0/24', first: '10.1.0.10', count: 3 }]);
  const port = (n: number) => ({ giaddr: '10.1.0.1', options: relayOption({ 1: `0.0.0.${n}` }) });
  assert.equal(flood(rig, 100, port(1)), 3);
  rig.now += 10;
  assert.equal(rig.discover({ mac: NEW, ...port(2) }).what, 'silence', 'nothing is left');
  rig.now += 1;
  assert.equal(rig.discover({ mac: NEW, ...port(2) }).what, 'OFFER', 'at its second try');
  assert.equal(flood(rig, 100, port(1)), 0, 'what is abandoned does not go back to the port that is crowded');
});

test('when a flood is over, strangers are answered at their first try after a minute', () => {
  const rig = new Rig({ pool: pool(20) });
  flood(rig, 100);
  rig.now += 59;
  assert.equal(flood(rig, 1), 0);
  rig.now += 60;
  assert.equal(rig.discover({ mac: NEW }).what, 'OFFER');
});

test('of a first try that is not answered nothing is told of the machine: neither packet nor DISCOVER', () => {
  const rig = new Rig({ pool: pool(4) });
  flood(rig, 5);
  const { outcome } = rig.discover({ mac: NEW });
  assert.deepEqual(outcome.events, [{ kind: 'dhcp.turned-away', source: '' }]);
});

const seconds = ({ packet }: Answered) => packet && longOf(packet.options, OPTION.leaseTime);

test('once half of the pool was needed a stranger gets an address for a short time, and for the whole of it when it asks again', () => {
  const rig = new Rig({ pool: pool(4), settings: briefly });
  const take = (mac: string) => {
    const offer = rig.discover({ mac });
    const ack = rig.select(offer.yiaddr, { mac });
    return [seconds(offer), seconds(ack)];
  };
  assert.deepEqual(take(madeUp(0xfd000001)), [7200, 7200]);
  assert.deepEqual(take(madeUp(0xfd000002)), [7200, 7200]);
  assert.deepEqual(take(madeUp(0xfd000003)), [7200, 7200]);
  assert.deepEqual(take(NEW), [600, 600]);
  assert.deepEqual(take(NEW), [7200, 7200], 'its iPXE or its system');
});

test('a pool that was taken by whole handshakes of strangers is nearly half free again in minutes, and its machines never lost theirs', () => {
  const rig = new Rig({ pool: pool(20), settings: briefly });
  const own = rig.lease(KNOWN);
  for (let n = 0; n < 200; n++) {
    const mac = madeUp(++made);
    const { packet, yiaddr } = rig.discover({ mac });
    if (packet) rig.select(yiaddr, { mac });
  }
  assert.equal(rig.discover({ mac: NEW }).what, 'silence');
  assert.equal(rig.discover({ mac: KNOWN }).yiaddr, own);
  rig.now += 601;
  const free = Array.from({ length: 12 }, (_, n) => madeUp(0xfc000000 + n)).filter((mac) => {
    rig.discover({ mac });
    rig.now += 1;
    return rig.lease(mac).startsWith('10.');
  });
  assert.equal(free.length, 9);
});

test('while strangers crowd, a REQUEST for what was never offered is refused, and gets no address', () => {
  const rig = new Rig({ pool: pool(4) });
  flood(rig, 5);
  rig.now += 61;
  flood(rig, 1);
  flood(rig, 5);
  rig.now += 10;
  flood(rig, 1);
  rig.discover({ mac: NEW });
  const stolen = [10, 11, 12, 13].map((n) => rig.select(`10.0.0.${n}`, { mac: madeUp(++made) }).what);
  assert.ok(!stolen.includes('ACK'), stolen.join());
  const extending = message(MESSAGE.request, { mac: madeUp(++made), ciaddr: '10.0.0.12' });
  assert.notEqual(rig.bytes(extending).what, 'ACK');
});

test('a DECLINE of what was only offered is ignored, and no more than a quarter of the pool is ever left alone', () => {
  const rig = new Rig({ pool: pool(20) });
  const decline = (mac: string, address: string) =>
    rig.bytes(
      message(MESSAGE.decline, {
        mac,
        options: { [OPTION.serverIdentifier]: SERVER, [OPTION.requestedAddress]: address },
      }),
    );
  const offer = rig.discover({ mac: NEW });
  assert.deepEqual(decline(NEW, offer.yiaddr).kinds, ['dhcp.ignored']);
  for (let n = 0; n < 100; n++) {
    const mac = madeUp(++made);
    decline(mac, rig.lease(mac));
  }
  assert.equal(rig.scopes.local.book.declined, 5);
  assert.equal(rig.lease(NEW), offer.yiaddr);
});

test('a million made-up machines leave nothing behind but what is set aside for who has asked, and 20 offers', () => {
  const rig = new Rig({ pool: pool(20) });
  const kinds = new Kinds();
  const bytes = Buffer.from(message(MESSAGE.discover, { mac: madeUp(0) }));
  const before = held();
  let answered = 0;
  for (let n = 0; n < 1_000_000; n++) {
    bytes.writeUInt32BE(n, 30);
    if (handle(bytes, 0, rig.scopes, rig.now + Math.floor(n / 50_000), undefined, kinds).answer)
      answered += 1;
  }
  assert.equal(answered, 20);
  const grown = held() - before;
  assert.ok(grown < 6 << 20, `${grown} bytes`);
});

/** Bytes that are in use once what is not has been thrown away. */
function held(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test('a million made-up machines take no more memory than is set aside for them, and a real one among the last 100,000 is known again', () => {
  const asks = new Asks(7);
  assert.equal(asks.bytes, 4 << 20);
  const before = process.memoryUsage().arrayBuffers;
  let now = 1_000_000;
  for (let n = 0; n < 1_000_000; n++) {
    if (n === 900_000) asks.add('1/52:54:00:00:00:0a', now);
    if (n % 50_000 === 0) now += 1;
    asks.add(`1/${madeUp(n)}`, now);
  }
  assert.ok(process.memoryUsage().arrayBuffers - before <= asks.bytes + (1 << 20));
  assert.equal(asks.has('1/52:54:00:00:00:0a', now), true);
  const strangers = Array.from({ length: 100_000 }, (_, n) => `1/${madeUp(0x40000000 + n)}`);
  assert.ok(strangers.filter((key) => asks.has(key, now)).length <= 2, 'hardly anybody is taken for another');
});

test('of 400,000 that asked within eight seconds, nine of ten are known again', () => {
  const asks = new Asks(7);
  for (let n = 0; n < 400_000; n++) asks.add(madeUp(n), Math.floor(n / 50_000));
  let known = 0;
  for (let n = 0; n < 400_000; n++) if (asks.has(madeUp(n), 9)) known += 1;
  assert.ok(known > 360_000, `${known}`);
});

test('a packet that comes twice is no second try', () => {
  const asks = new Asks(7);
  asks.add(NEW, 100);
  asks.add(NEW, 100);
  assert.equal(asks.has(NEW, 100), false);
  assert.equal(asks.has(NEW, 101), true);
  assert.equal(asks.has(NEW, 165), false);
});
