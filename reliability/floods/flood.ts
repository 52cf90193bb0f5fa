import { setTimeout as sleep } from 'node:timers/promises';
import type { Tally, Traffic } from './accounts.ts';
import type { Attack, Done } from './attack/order.ts';
import type { Field } from './field.ts';
import type { Boot, Victims } from './victims.ts';
import { type Seen, Watch } from './watch.ts';

/** One flood, and what of it is claimed. */
export interface Flood {
  readonly id: string;
  /** What goes on, as the rest of a sentence: `while 50,000 random and malformed packets arrive a second`. */
  readonly during: string;
  readonly attacks: readonly Attack[];
  /** Machines that nobody has seen boot, too. */
  readonly unknown?: boolean;
  /** Borne by dnsmasq as well, for comparison. */
  readonly peer?: boolean;
  /** A virtual machine boots, too, where there is time. */
  readonly guest?: boolean;
}

export interface Effort {
  /** Boots of known machines without and with the flood: at least so many, and for so many seconds. */
  readonly calm: readonly [boots: number, seconds: number];
  readonly during: readonly [boots: number, seconds: number];
  /** How often: without, with, without, with. */
  readonly rounds: number;
  /** Virtual machines boot, too. */
  readonly guests: boolean;
}

/** What came and went in the flood. */
export interface Passed extends Traffic {
  readonly seconds: number;
}

export interface Report {
  readonly flood: Flood;
  readonly calm: readonly Boot[];
  readonly during: readonly Boot[];
  readonly unknown: readonly Boot[];
  /** Seconds until a virtual machine had booted, or why it did not, without and with the flood. */
  readonly guest: readonly (number | string)[];
  readonly seen: readonly Seen[];
  readonly passed: readonly Passed[];
  readonly done: readonly (readonly Done[])[];
}

const UNKNOWN = 4;
/** Long enough for buffers to be given back, and for what is said once a burst. */
const SETTLE_MS = 1000;

/** Runs a flood against the field's services, in turns with calm. */
export async function run(flood: Flood, field: Field, victims: Victims, effort: Effort): Promise<Report> {
  const report = { calm: [] as Boot[], during: [] as Boot[], unknown: [] as Boot[] };
  const guest: (number | string)[] = [];
  const withGuest = effort.guests && flood.guest;
  if (withGuest) guest.push(await bootGuest(field));
  const [seen, passed, done]: [Seen[], Passed[], (readonly Done[])[]] = [[], [], []];
  for (let round = 0; round < effort.rounds; round++) {
    report.calm.push(...(await victims.known(...effort.calm)));
    const watch = new Watch(field.site.appliance, field.keeper);
    const before = await field.accounts.traffic();
    const attackers = await field.attack(flood.attacks);
    report.during.push(...(await victims.known(...effort.during)));
    if (flood.unknown && round === 0) report.unknown.push(...(await victims.unknown(UNKNOWN)));
    if (withGuest && round === 0) guest.push(await bootGuest(field));
    await watch.check();
    const attacked = await attackers.stop();
    done.push(attacked.done);
    passed.push({ ...difference(await field.accounts.traffic(), before), seconds: attacked.seconds });
    await sleep(SETTLE_MS);
    seen.push(await watch.end());
  }
  return { flood, ...report, guest, seen, passed, done };
}

const GUEST_SECONDS = 60;

/** A QEMU machine with iPXE in its card, always the same one. */
async function bootGuest({ site }: Field): Promise<number | string> {
  const begun = performance.now();
  const guest = await site.appliance.boot({ firmware: 'ipxe-rom', mac: '52:54:09:00:ff:01' });
  try {
    await guest.until(/BOOTLAB-OK/, GUEST_SECONDS);
    return (performance.now() - begun) / 1000;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await guest.stop();
  }
}

function difference(after: Traffic, before: Traffic): Traffic {
  const less = (a: Tally, b: Tally) => ({ packets: a.packets - b.packets, bytes: a.bytes - b.bytes });
  return {
    received: less(after.received, before.received),
    sent: less(after.sent, before.sent),
    dropped: after.dropped - before.dropped,
  };
}
