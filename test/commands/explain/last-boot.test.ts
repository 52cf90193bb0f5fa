import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastBoot } from '../../../src/commands/explain/last-boot.ts';
import type { StoredPacket } from '../../../src/journal/store/journal-reader.ts';
import { OP } from '../../../src/protocol/dhcp/codes.ts';
import { decodePacket } from '../../../src/protocol/dhcp/packet.ts';
import { captured } from '../../fixtures/dhcp.ts';

/** A capture as the journal would have it, begun at so many milliseconds. */
function kept(name: string, start: number): StoredPacket[] {
  return captured(name).map(({ at, bytes, dst }) => ({
    at: start + at * 1000,
    direction: decodePacket(bytes).op === OP.request ? 'received' : 'sent',
    bytes,
    ...(dst.endsWith(':4011') ? { port: 4011 as const } : {}),
  }));
}

const sizes = (packets: readonly StoredPacket[]) =>
  lastBoot(packets)?.like.map(({ bytes }) => bytes.length / 2);

test('the last boot counts, from what the firmware said first to what iPXE said last', () => {
  const packets = [...kept('ovmf-httpboot', 1000), ...kept('ovmf-pxe-snponly', 100_000)];
  const last = lastBoot(packets)!;
  assert.equal(last.firmware, 'pxe');
  assert.equal(last.architecture, 7);
  assert.equal(last.at, 100_000);
  assert.deepEqual(sizes(packets), [347, 359, 388, 400]);
});

test('what was asked again is one question, and what the booted system says is none', () => {
  assert.deepEqual(sizes(kept('missing-loader-bios', 0)), [548, 548]);
  assert.equal(lastBoot(kept('udhcpc', 0)), undefined);
  assert.equal(lastBoot([]), undefined);
});

test('iPXE in the card has nothing before it, and a boot server is asked on its own port', () => {
  assert.equal(lastBoot(kept('ipxe-rom-bios', 0))?.firmware, 'ipxe');
  const { like } = lastBoot(kept('proxy-ovmf', 0))!;
  assert.deepEqual(
    like.map(({ port }) => port),
    [67, 67, 4011, 67, 67],
  );
});

test('a packet that cannot be read is left out', () => {
  const broken: StoredPacket = { at: 0, direction: 'received', bytes: Uint8Array.of(1, 2, 3) };
  assert.equal(lastBoot([broken, ...kept('ovmf-pxe-snponly', 5)])?.at, 5);
});
