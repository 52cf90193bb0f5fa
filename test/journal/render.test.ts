import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import type { Event } from '../../src/journal/event.ts';
import { render } from '../../src/journal/render.ts';
import { throttle } from '../../src/journal/throttle.ts';

const offer: Event = {
  kind: 'dhcp.offer',
  mac: '52:54:00:00:00:01',
  address: 0x0a000002,
  plan: { kind: 'loader', file: 'undionly.kpxe' },
  client: { firmware: 'pxe', architecture: 0, hostName: undefined },
};

test('an event is one sentence that names what happened', () => {
  assert.deepEqual(render(offer), { level: 'info', text: 'OFFER 10.0.0.2 to PXE, BIOS x86 → undionly.kpxe' });
});

/** What the log prints for events, in a process of its own: winston writes to standard output. */
function printed(format: 'text' | 'json', level: string, events: Event[]): string {
  const program = `
    import { openLog } from ${JSON.stringify(new URL('../../src/platform/log.ts', import.meta.url).href)};
    const sink = openLog({ level: ${JSON.stringify(level)}, format: ${JSON.stringify(format)}, service: 'dhcp' });
    for (const event of ${JSON.stringify(events)}) sink(event);`;
  return execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
}

test('in text, a line about a machine carries its MAC', () => {
  assert.match(
    printed('text', 'info', [offer]),
    /^\d{4}-\S+Z info {2}52:54:00:00:00:01 OFFER 10\.0\.0\.2 to PXE, BIOS x86 → undionly\.kpxe\n$/,
  );
});

test('in JSON, a line has the sentence, the machine and every field of the event', () => {
  const line = JSON.parse(printed('json', 'info', [offer]));
  assert.equal(line.event, 'dhcp.offer');
  assert.equal(line.mac, offer.mac);
  assert.equal(line.service, 'dhcp');
  assert.equal(line.detail.plan.file, 'undionly.kpxe');
  assert.match(line.message, /^OFFER 10\.0\.0\.2/);
  assert.ok(Date.parse(line.timestamp) > 0);
});

test('what is below the level is not printed', () => {
  assert.equal(printed('text', 'warn', [offer]), '');
});

test('control characters from the network are shown, not obeyed', () => {
  const event: Event = {
    kind: 'dhcp.discover',
    mac: 'x',
    client: { firmware: 'pxe', architecture: undefined, hostName: 'a\n2026 error forged\u001b[2J\u009b' },
  };
  const lines = printed('text', 'debug', [event]).trimEnd().split('\n');
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /a\\x0a2026 error forged\\x1b\[2J\\x9b/);
});

test('of a storm so many events of a kind pass in a period, and then it is told how many were left out', () => {
  const seen: Event[] = [];
  let now = 0;
  const sink = throttle(
    (event) => seen.push(event),
    () => now,
    { 'dhcp.malformed': { events: 2, period: 1000 } },
  );
  const malformed: Event = { kind: 'dhcp.malformed', address: '10.0.0.9', reason: 'x' };
  for (now = 0; now < 1000; now += 100) sink(malformed);
  sink(malformed);
  sink(offer);
  sink(offer);
  const told: Event = { kind: 'config.left-out', of: 'dhcp.malformed', events: 8 };
  assert.deepEqual(seen, [malformed, malformed, told, malformed, offer, offer]);
});

test('files that shim, GRUB and iPXE go on without are missing quietly, others are not', () => {
  const level = (name: string) => [
    render({ kind: 'tftp.not-found', address: '10.0.0.1', file: name, path: name }).level,
    render({ kind: 'http.not-found', address: '10.0.0.1', name, nearest: undefined }).level,
  ];
  for (const name of [
    'revocations_sku.efi',
    'revocations_sbat.efi',
    'shim_certificate_0.efi',
    '/grub/x86_64-efi/command.lst',
    'autoexec.ipxe',
  ])
    assert.deepEqual(level(name), ['debug', 'debug'], name);
  for (const name of ['grubx64.efi', '/grub/grub.cfg', 'vmlinuz', 'autoexec.ipxe.bak'])
    assert.deepEqual(level(name), ['info', 'warn'], name);
});
