import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classify } from '../../src/boot/client.ts';
import { Findings } from '../../src/dhcp/findings.ts';
import { ForeignWatch, remarksOn, type ServedMode } from '../../src/dhcp/foreign-watch.ts';
import { chooseMode } from '../../src/dhcp/mode.ts';
import { isAbout, probeMessages, throwAwayMac } from '../../src/dhcp/probe-messages.ts';
import type { Event } from '../../src/journal/event.ts';
import type { ForeignServer } from '../../src/journal/foreign-events.ts';
import { render } from '../../src/journal/render.ts';
import { FLAG_BROADCAST } from '../../src/protocol/dhcp/codes.ts';
import { decodePacket } from '../../src/protocol/dhcp/packet.ts';
import { captured } from '../fixtures/dhcp.ts';
import { profileOf } from '../profile.ts';
import { ip, Rig } from './rig.ts';

const PROBER = { mac: throwAwayMac(Uint8Array.of(0xff, 1, 2, 3, 4, 5)), xid: 0xffffffff };
const NEVER = new AbortController().signal;

const giver: ForeignServer = {
  server: ip('10.0.0.3'),
  mac: '52:54:00:00:00:03',
  offered: { address: ip('10.0.0.200'), seconds: 600 },
  boots: [],
};
const rival: ForeignServer = { ...giver, boots: ['rogue.0 from 10.0.0.3'] };
const bootsOnly: ForeignServer = { ...rival, offered: undefined };

/** What servers answered in a capture, as a probe would have joined it. */
function found(capture: string): ForeignServer[] {
  const findings = new Findings();
  for (const { bytes, src } of captured(capture)) findings.add(decodePacket(bytes), ip(src.split(':')[0]!));
  return findings.servers(() => undefined);
}

test('a throw-away address is one that no card is made with, whatever the dice say', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (random) => {
      const mac = throwAwayMac(random);
      assert.equal(mac.length, 6);
      assert.equal(mac[0]! & 3, 2);
    }),
  );
});

test('a probe asks as an installed system, as PXE and as HTTP Boot, from one machine, for a broadcast answer', () => {
  const asked = probeMessages(PROBER, 2, 0).map((bytes) => decodePacket(bytes));
  assert.deepEqual(
    asked.map((packet) => classify(packet).firmware),
    ['other', 'pxe', 'http'],
  );
  assert.deepEqual(new Set(asked.map((packet) => classify(packet).mac)), new Set(['fe:01:02:03:04:05']));
  assert.deepEqual(
    asked.map(({ xid }) => xid),
    [0xffffffff, 0, 1],
  );
  for (const packet of asked) {
    assert.equal(packet.flags, FLAG_BROADCAST);
    assert.equal(packet.secs, 2);
    assert.equal(packet.giaddr, 0);
  }
  assert.ok(
    probeMessages(PROBER, 0, ip('10.0.0.1')).every((bytes) => decodePacket(bytes).giaddr === ip('10.0.0.1')),
  );
});

test('its own questions and the answers to them are known among all packets', () => {
  const [question] = probeMessages(PROBER, 0, 0);
  assert.ok(isAbout(PROBER, question!));
  const { outcome } = new Rig().bytes(question!);
  assert.ok(isAbout(PROBER, outcome.answer!.bytes));
  for (const { bytes } of captured()) assert.ok(!isAbout(PROBER, bytes));
  assert.ok(!isAbout(PROBER, new Uint8Array(3)));
});

test('what the captures’ servers answered is joined per server: what it gives, and what it tells to boot', () => {
  const other = found('rogue-ovmf').find(({ server }) => server === ip('10.88.0.3'))!;
  assert.equal(other.offered?.seconds, 600);
  assert.deepEqual(other.boots, ['rogue.0 from 10.88.0.3']);
  const [proxy, plain] = ['10.88.0.1', '10.88.0.3'].map((address) =>
    found('proxy-ovmf').find(({ server }) => server === ip(address)),
  );
  assert.equal(proxy!.offered, undefined);
  assert.ok(proxy!.boots.includes('what a boot server tells on port 4011'));
  assert.ok(plain!.offered);
  assert.deepEqual(plain!.boots, [], 'a siaddr alone tells nothing to boot');
});

test('requests and ACKs are no answers to a probe, and an attacker’s many names end at 16', () => {
  const findings = new Findings();
  for (const { what, bytes } of captured()) {
    if (what !== 'OFFER') assert.equal(findings.add(decodePacket(bytes), ip('10.0.0.9')), undefined, what);
  }
  const offer = decodePacket(captured().find(({ what }) => what === 'OFFER')!.bytes);
  const unnamed = { ...offer, options: new Map([...offer.options].filter(([code]) => code !== 54)) };
  for (let n = 1; n < 100; n++) findings.add(unnamed, ip(`10.0.0.${n}`));
  assert.equal(findings.servers(() => undefined).length, 16);
});

function auto(servers: readonly ForeignServer[], carrier = true, authoritative = false) {
  const events: Event[] = [];
  const profile = profileOf({ mode: 'auto', authoritative });
  const adapter = { ...profile.adapter, carrier };
  const choice = chooseMode(
    { ...profile, adapter },
    { run: async () => servers },
    (event) => events.push(event),
    NEVER,
  );
  return { choice, texts: () => events.map((event) => render(event).text) };
}

for (const [what, servers, mode, text] of [
  [
    'a server of addresses makes a proxy',
    [giver],
    'proxy',
    /10\.0\.0\.3 \(52:54:00:00:00:03\) offers 10\.0\.0\.200 for 600 s on lo/,
  ],
  ['nobody makes a server', [], 'server', /no other server gives addresses on lo; this one does/],
  [
    'a lone ProxyDHCP server makes a server, since it gives no addresses',
    [bootsOnly],
    'server',
    /no other server gives addresses/,
  ],
] as const) {
  test(`MODE=auto: ${what}`, async () => {
    const { choice, texts } = auto(servers);
    assert.equal((await choice).mode, mode);
    assert.match(texts().join('\n'), text);
  });
}

test('MODE=auto serves nothing on an adapter without a carrier, where nobody could have answered; its own bridge is no such', async () => {
  await assert.rejects(auto([], false).choice, /lo has no carrier/);
  assert.equal((await auto([], false, true).choice).mode, 'server');
});

test('with the mode set nobody is asked', async () => {
  for (const mode of ['server', 'proxy'] as const) {
    const run = () => assert.fail('asked');
    assert.deepEqual(await chooseMode(profileOf({ mode }), { run }, () => undefined, NEVER), { mode });
  }
});

for (const [mode, servers, said] of [
  ['server', [], []],
  [
    'server',
    [giver, bootsOnly],
    [/another DHCP server answers on this network: .*offers 10\.0\.0\.200.*; .*boot rogue\.0/],
  ],
  ['proxy', [giver], []],
  ['proxy', [rival], [/two boot servers compete: .*tells machines to boot rogue\.0 from 10\.0\.0\.3/]],
  ['proxy', [], [/no server that gives addresses has answered on lan0/]],
  ['proxy', [bootsOnly], [/no server that gives addresses/, /two boot servers compete/]],
] as const) {
  test(`as ${mode} beside ${servers.length} other servers, ${said.length} warnings`, () => {
    const texts = remarksOn(servers, { mode, adapter: 'lan0' }).map((event) => render(event).text);
    assert.equal(texts.length, said.length);
    for (const [index, pattern] of said.entries()) assert.match(texts[index]!, pattern);
  });
}

/** A watch whose pauses the test ends; `looks` is what each look finds. */
function watch(
  mode: ServedMode,
  looks: (readonly ForeignServer[] | Error)[],
  known?: readonly ForeignServer[],
) {
  const events: Event[] = [];
  const pauses: { milliseconds: number; end(): void }[] = [];
  const watching = new ForeignWatch({
    mode,
    adapter: 'lan0',
    probe: {
      async run() {
        const found = looks.shift() ?? assert.fail('looked once too often');
        if (found instanceof Error) throw found;
        return found;
      },
    },
    sink: (event) => events.push(event),
    random: () => 0.5,
    wait: (milliseconds, stop) =>
      new Promise((resolve, reject) => {
        stop.addEventListener('abort', () => reject(stop.reason));
        pauses.push({ milliseconds, end: resolve });
      }),
  });
  watching.start(known);
  const kinds = () => events.map(({ kind }) => kind);
  return { watching, pauses, kinds, left: () => looks.length };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a server of addresses looks at its start, again when a port with spanning tree is open, then every few minutes', async () => {
  const { watching, pauses, kinds } = watch('server', [[], [giver], []]);
  await turn();
  assert.deepEqual(kinds(), []);
  assert.equal(pauses[0]!.milliseconds, 75_000);
  pauses[0]!.end();
  await turn();
  assert.deepEqual(kinds(), ['dhcp.foreign-server']);
  assert.equal(pauses[1]!.milliseconds, 330_000);
  pauses[1]!.end();
  await turn();
  assert.equal(pauses[2]!.milliseconds, 330_000);
  await watching.stop();
  assert.deepEqual(kinds(), ['dhcp.foreign-server'], 'a stop is no fault');
});

test('what was found just before is not looked for again, and a proxy looks once', async () => {
  const server = watch('server', [], []);
  const proxy = watch('proxy', [], [rival]);
  const set = watch('proxy', [[rival]]);
  await turn();
  assert.deepEqual(server.kinds(), []);
  assert.equal(server.pauses.length, 1);
  for (const { kinds, pauses, left } of [proxy, set]) {
    assert.deepEqual(kinds(), ['dhcp.boot-rival']);
    assert.equal(pauses.length + left(), 0);
  }
  for (const { watching } of [server, proxy, set]) await watching.stop();
});

test('a look that fails is told with its reason, and the next one is taken all the same', async () => {
  const { watching, pauses, kinds } = watch('server', [new Error('send EPERM'), [giver]]);
  await turn();
  assert.deepEqual(kinds(), ['dhcp.look-failed']);
  pauses[0]!.end();
  await turn();
  assert.deepEqual(kinds(), ['dhcp.look-failed', 'dhcp.foreign-server']);
  await watching.stop();
});

test('a look that is asked for is told and answered, and one that is under way is not begun twice', async () => {
  const { watching, kinds, left } = watch('server', [[giver], [rival]], []);
  const [first, second] = await Promise.all([watching.look(), watching.look()]);
  assert.deepEqual(first, [giver]);
  assert.equal(second, first);
  assert.deepEqual(kinds(), ['dhcp.foreign-server']);
  assert.deepEqual(await watching.look(), [rival]);
  assert.equal(left(), 0);
  await watching.stop();
});

test('a look that is asked for and fails says why', async () => {
  const { watching } = watch('server', [new Error('send EPERM')], []);
  await assert.rejects(watching.look(), /EPERM/);
  await watching.stop();
});
