import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/journal/event.ts';
import { identify } from '../../src/journal/identify.ts';
import { Neighbours } from '../../src/platform/neighbours.ts';

const ARP = `IP address       HW type     Flags       HW address            Mask     Device
10.0.0.5         0x1         0x2         52:54:00:12:34:56     *        lan0
10.0.0.6         0x1         0x0         00:00:00:00:00:00     *        lan0
`;

test('an event that knows only an address gets its machine’s MAC, any other stays as it is', () => {
  const neighbours = new Neighbours(
    () => 0,
    () => ARP,
  );
  const seen: Event[] = [];
  const sink = identify(
    (event) => seen.push(event),
    (address) => neighbours.macOf(address),
  );
  sink({ kind: 'dhcp.malformed', address: '10.0.0.5', reason: 'x' });
  sink({ kind: 'dhcp.malformed', address: '10.0.0.6', reason: 'x' });
  sink({ kind: 'dhcp.release', mac: 'own', address: 0x0a000005 });
  assert.deepEqual(
    seen.map(({ mac }) => mac),
    ['52:54:00:12:34:56', undefined, 'own'],
  );
});

test('the table is read again for a stranger, once a second at most, and its absence is no error', () => {
  let now = 0;
  let reads = 0;
  const neighbours = new Neighbours(
    () => now,
    () => {
      reads += 1;
      if (reads === 1) throw new Error('no /proc');
      return ARP;
    },
  );
  assert.equal(neighbours.macOf('10.0.0.5'), undefined);
  assert.equal(neighbours.macOf('10.0.0.5'), undefined);
  assert.equal(reads, 1);
  now = 1000;
  assert.equal(neighbours.macOf('10.0.0.5'), '52:54:00:12:34:56');
  assert.equal(neighbours.macOf('10.0.0.5'), '52:54:00:12:34:56');
  assert.equal(reads, 2, 'a known one costs no look');
  now = 11_000;
  neighbours.macOf('10.0.0.5');
  assert.equal(reads, 3, 'but its address may have gone to another machine');
});
