import type { Lease } from '../leases/lease.ts';
import { MESSAGE, OPTION } from '../protocol/dhcp/codes.ts';
import { layoutOf } from '../protocol/dhcp/layout.ts';
import type { Outcome } from './question.ts';

/** Seconds that are worth promising: a machine boots in them, and asks again in half of them. */
const LEAST = 60;
/** Of the time of the lease: when it is to be renewed, and when any server is to be asked (RFC 2131 §4.4.5). */
const PARTS = [
  [OPTION.leaseTime, 1],
  [OPTION.renewalTime, 1 / 2],
  [OPTION.rebindingTime, 7 / 8],
] as const;

/**
 * An ACK whose lease could not be stored, for no longer than the lease of the same machine that is on disk already: that promises nothing new.
 *
 * @returns undefined where there is none that lasts.
 */
export function shorterAck(outcome: Outcome, onDisk: readonly Lease[], now: number): Outcome | undefined {
  const { answer, changes } = outcome;
  const wanted = changes.findLast((change) => change.kind === 'put')?.lease;
  const standing = onDisk.find(({ address }) => address === wanted?.address);
  if (!answer || !wanted || standing?.key !== wanted.key || standing.state !== 'bound') return undefined;
  const seconds = Math.min(standing.expires, wanted.expires) - now;
  const bytes = seconds < LEAST ? undefined : withLeaseTime(answer.bytes, seconds);
  if (!bytes) return undefined;
  const events = outcome.events.map((event) => {
    if (event.kind === 'dhcp.ack') return { ...event, seconds };
    const isAck = event.kind === 'dhcp.packet' && event.direction === 'sent';
    return isAck ? { ...event, bytes } : event;
  });
  return { events, changes: [], answer: { ...answer, bytes } };
}

function withLeaseTime(bytes: Uint8Array, seconds: number): Uint8Array | undefined {
  const places = layoutOf(bytes);
  const type = places?.find(({ code }) => code === OPTION.messageType);
  if (!places || !type || bytes[type.at] !== MESSAGE.ack) return undefined;
  const shorter = Buffer.from(bytes);
  for (const [code, part] of PARTS) {
    const place = places.find((one) => one.code === code);
    if (place) shorter.writeUInt32BE(Math.floor(seconds * part), place.at);
  }
  return shorter;
}
