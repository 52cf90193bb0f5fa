import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange } from '../../src/boot/explanation.ts';
import { KINDS } from '../../src/commands/explain/kinds.ts';
import { OP } from '../../src/protocol/dhcp/codes.ts';
import { decodePacket, hardwareAddress } from '../../src/protocol/dhcp/packet.ts';
import { captured } from '../fixtures/dhcp.ts';
import { guestSystem } from '../lab/guest-system.ts';
import { requires } from '../lab/requires.ts';
import { ExplainLab, type Message } from './explain-lab.ts';

const needs = requires('root', 'netns', 'tcpdump', '/usr/lib/ipxe/undionly.kpxe');
const MODES = ['server', 'proxy'] as const;
const portOf = (end: string) => Number(end.slice(end.lastIndexOf(':') + 1));

/** Every message of every capture that a machine or a relay sent. */
const MESSAGES = captured().flatMap(({ capture, what, src, dst, bytes }) => {
  const packet = decodePacket(bytes);
  if (packet.op !== OP.request) return [];
  const port = portOf(dst) === 4011 ? 4011 : 67;
  const isRelayed = packet.giaddr !== 0;
  const message: Message = { hex: bytes.toString('hex'), from: portOf(src), port, isRelayed };
  return [{ name: `${what} of ${capture}`, message }];
});

for (const mode of MODES) {
  test(`whatever real firmware, iPXE, systems and relays say: as ${mode}, the answer on the wire is the one that was explained before`, {
    ...needs,
  }, async (t) => {
    const lab = new ExplainLab(t);
    t.after(() => lab.end());
    const service = await lab.start('dhcp', { MODE: mode });
    await lab.ready();
    let answered = 0;
    for (const { name, message } of MESSAGES) {
      const [explained] = await lab.explainExactly(message);
      await lab.say(message, service);
      if (explained?.bytes === undefined) continue;
      answered += 1;
      assert.deepEqual(await lab.heard(), { hex: explained.bytes, to: explained.destination }, name);
    }
    assert.equal(lab.unheard, 0, 'what was explained as silence was silence');
    assert.ok(answered > 50, `${answered} of ${MESSAGES.length} were answered`);
  });

  test(`a boot that is only supposed is answered message by message as explained, as ${mode}`, {
    ...needs,
  }, async (t) => {
    const lab = new ExplainLab(t);
    t.after(() => lab.end());
    const service = await lab.start('dhcp', { MODE: mode });
    await lab.ready();
    let said = 0;
    for (const [index, { name, ...kind }] of KINDS.entries()) {
      for (const relay of mode === 'server' ? [undefined, '10.88.16.1'] : [undefined]) {
        const mac = `52:54:00:0e:0${relay ? 1 : 0}:0${index}`;
        const exchanges = await lab.explain({ mac, ...kind, relay });
        for (const exchange of exchanges) {
          await lab.say(messageOf(exchange, relay !== undefined), service);
          said += 1;
          if (exchange.bytes === undefined) continue;
          const heard = await lab.heard();
          const which = `${exchange.message} of ${name} ${relay ?? ''}`;
          assert.equal(heard.hex, exchange.bytes, which);
          // On 4011 the answer goes to whoever asks, which is this test's machine.
          if (exchange.port === 67) assert.equal(heard.to, exchange.destination, which);
        }
      }
    }
    assert.equal(lab.unheard, 0);
    assert.ok(said >= KINDS.length);
  });
}

function messageOf({ requestBytes: hex, port }: Exchange, isRelayed: boolean): Message {
  return { hex, port, isRelayed, from: port === 4011 ? 4011 : isRelayed ? 67 : 68 };
}

test('the command knows what a machine said when it booted last, and answers the same where dhcp does not run', {
  ...requires('root', 'netns', 'tcpdump', 'busybox', 'dpkg-deb', '/usr/lib/ipxe/undionly.kpxe'),
}, async (t) => {
  const lab = new ExplainLab(t);
  t.after(() => lab.end());
  lab.addKernel(guestSystem());
  const service = await lab.start();
  await lab.ready();
  const boot = MESSAGES.filter(({ name }) => name.endsWith(' of ovmf-pxe-snponly'));
  for (const { message } of boot) {
    await lab.say(message, service);
    await lab.heard();
  }
  const bytes = Buffer.from(boot[0]!.message.hex, 'hex');
  const mac = Buffer.from(hardwareAddress(decodePacket(bytes)))
    .toString('hex')
    .match(/../g)!
    .join(':');
  const running = await chainOf(lab, mac);
  assert.equal(running.basis, 'running');
  assert.equal(running.status, 0);
  const exchanges = running.links.filter(({ kind }) => kind === 'exchange');
  assert.deepEqual(
    exchanges.map(({ message, answer, stage }) => `${stage} ${message} → ${answer}`),
    ['firmware DISCOVER → OFFER', 'firmware REQUEST → ACK', 'ipxe DISCOVER → OFFER', 'ipxe REQUEST → ACK'],
  );
  assert.equal(exchanges[0]?.requestBytes, boot[0]?.message.hex, 'its own words');
  assert.deepEqual(
    running.links.filter(({ kind }) => kind === 'file').map(({ stage, name }) => `${stage} ${name}`),
    ['loader snponly.efi', 'script infrakit.ipxe', 'kernel vmlinuz', 'initrd initrd.img'],
  );
  const { output } = await lab.command([mac], { LEASE_TIME: '1h' });
  assert.match(output, /warn +settings +The dhcp service runs with other settings than \.env has now/);
  await service.stop();
  const alone = await chainOf(lab, mac);
  assert.equal(alone.basis, 'settings');
  assert.deepEqual(alone.links, running.links);
});

type Shown = Partial<Exchange> & { readonly kind: string; readonly name?: string; readonly stage: string };

async function chainOf(lab: ExplainLab, mac: string) {
  // The journal's writer is at most a moment behind.
  for (let tries = 0; ; tries++) {
    const { status, output } = await lab.command([mac, '--json']);
    const { basis, boots } = JSON.parse(output) as {
      basis: string;
      boots: { chain: { links: Shown[] } }[];
    };
    if (boots.length === 1 || tries === 20) return { status, basis, links: boots[0]!.chain.links };
  }
}
