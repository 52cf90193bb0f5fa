import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Event } from '../../../src/journal/event.ts';
import { decodeBatch, encodeBatch, eventOf } from '../../../src/journal/store/batch.ts';
import { Rig } from '../../dhcp/rig.ts';
import { captured } from '../../fixtures/dhcp.ts';
import { profileOf } from '../../profile.ts';
import { MAC, NOW, packet, progress, State, told, written } from './rig.ts';

/** Everything that dhcp makes of the packets of real machines, and the largest event that there is. */
function realEvents(): Event[] {
  const rig = new Rig();
  const events = captured().flatMap(({ bytes }) => [packet(bytes), ...rig.bytes(bytes).outcome.events]);
  return [...events, { kind: 'config.serving', service: 'dhcp', profile: profileOf() }];
}

/** A field that is undefined is as good as one that is not there. */
const defined = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(defined);
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, defined(field)]));
};

const plain = (event: Event) => {
  const { bytes, ...rest } = event as Event & { bytes?: unknown };
  const fields = defined(rest) as object;
  return bytes === undefined
    ? fields
    : { ...fields, bytes: bytes instanceof Uint8Array ? [...bytes] : bytes };
};

test('events of real machines come back from the file as they were', () => {
  using state = new State();
  const events = realEvents();
  assert.ok(events.length > 200, `only ${events.length} events to try`);
  const database = state.database();
  database.write(written(events, NOW));
  assert.deepEqual(state.read().map(plain), events.map(plain));
  database.close();
});

test('whatever text, number or bytes an event holds, it comes back', () => {
  const events = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }).map((bytes) => packet(bytes)),
    fc.integer().map((n) => told(n)),
    fc.nat().map((n) => progress(n)),
    fc
      .record({ name: fc.string({ unit: 'binary' }), nearest: fc.option(fc.string(), { nil: undefined }) })
      .map(({ name, nearest }): Event => ({ kind: 'http.not-found', address: '10.0.0.9', name, nearest })),
  );
  fc.assert(
    fc.property(fc.array(events), (list) => {
      const rows = [...decodeBatch(encodeBatch(list.map((event, at) => ({ at, event }))))];
      assert.deepEqual(
        rows.map(({ at }) => at),
        list.map((_, at) => at),
      );
      assert.deepEqual(rows.map(eventOf).map(plain), list.map(plain));
    }),
  );
});

test('a packet that is a piece of a larger buffer is sent without the rest of it', () => {
  const large = new Uint8Array(65_536).fill(7);
  const batch = encodeBatch([{ at: 1, event: packet(large.subarray(100, 400), MAC) }]);
  assert.equal(batch.bytes.buffer.byteLength, 300);
});
