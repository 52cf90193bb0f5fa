import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAsGrave, logLine } from '../../../src/http/observer/log-lines.ts';
import type { Event } from '../../../src/journal/event.ts';

const MAC = '52:54:00:00:00:01';
const lineOf = (event: Event) => logLine({ service: 'tftp', id: 1, at: 5, event });

test('a record is the line that the log had, with its machine', () => {
  const event: Event = { kind: 'dhcp.nak', mac: MAC, address: 0x0a000005, reason: 'why not' };
  const text = 'NAK of 10.0.0.5: why not';
  assert.deepEqual(lineOf(event), { at: 5, service: 'tftp', level: 'warn', mac: MAC, text });
});

test('names from the network cannot forge lines', () => {
  const line = lineOf({ kind: 'tftp.refused', address: '10.0.0.5', problem: 'a\nb\u001b[31m' });
  assert.equal(line?.text, 'refused 10.0.0.5: a\\x0ab\\x1b[31m');
});

test('packets and progress are no lines', () => {
  const transfer = { address: '10.0.0.5', transfer: 1 };
  const none: Event[] = [
    { kind: 'dhcp.packet', mac: MAC, direction: 'sent', bytes: new Uint8Array() },
    { kind: 'tftp.progress', ...transfer, file: 'a', bytes: 1, size: 2, retransmissions: 0 },
    { kind: 'http.asset.progress', ...transfer, name: 'a', bytes: 1, wanted: 2 },
  ];
  for (const event of none) assert.equal(lineOf(event), undefined, event.kind);
});

test('a level stands for itself and for what is graver', () => {
  const line = (level: 'error' | 'warn' | 'info' | 'debug') =>
    ({ at: 1, service: 'dhcp', level, text: '' }) as const;
  const levels = ['error', 'warn', 'info', 'debug'] as const;
  const shown = levels.map((wanted) => levels.filter((level) => isAsGrave(line(level), wanted)).length);
  assert.deepEqual(shown, [1, 2, 3, 4]);
});
