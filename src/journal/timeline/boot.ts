import type { Asker, Firmware } from '../../boot/client.ts';
import type { Plan } from '../../boot/plan.ts';
import type { Event } from '../event.ts';
import type { FileRecord } from './files.ts';
import { Steps } from './steps.ts';
import type { Surroundings } from './surroundings.ts';

/** Which program asks by DHCP in the course of a boot. */
export type Phase = 'firmware' | 'ipxe' | 'system';

/** What one program's DHCP came to. Times are milliseconds since 1970. */
export interface Asking {
  from: number;
  discovers: number;
  offers: number;
  requests: number;
  acks: number;
  lastAck?: number;
  /** Dotted. */
  address?: string;
  /** As it was told last; an ACK's counts more than an OFFER's. */
  plan?: Plan;
  /** As ProxyDHCP: the server that the address is from, dotted. */
  server?: string;
  /** Asked again so soon after an ACK that it cannot have got it. */
  askedAgainSoon: number;
  /** Answered without an address, as ProxyDHCP or boot server. */
  bootAnswers: number;
}

/** An event that says why, kept for the diagnosis. */
export interface Remark<E extends Event = Event> {
  readonly at: number;
  readonly count: number;
  readonly phase: Phase | undefined;
  readonly event: E;
}

/**
 * An attempt as it is put together: what has been seen, and nothing that was concluded from it. Stages, outcome and diagnosis are worked
 * out from this, so that a late event only ever adds to what is known.
 */
export interface Boot {
  readonly id: string;
  from: number;
  to: number;
  readonly firmware: Firmware;
  readonly architecture: number | undefined;
  address?: string;
  relay?: string;
  around: Surroundings;
  readonly asked: { firmware?: Asking; ipxe?: Asking };
  /** Who asked by DHCP last: remarks that name nobody are about that one. */
  phase?: Phase;
  /** An ordinary DHCP client asked, and nothing of a boot came after it unless all had been loaded before. */
  system?: { readonly at: number; address?: string; ackAt?: number };
  readonly files: FileRecord[];
  /** The last reading of infrakit.ipxe or grub.cfg. */
  script?: { readonly at: number; readonly waits: boolean; readonly edited: boolean };
  /** By kind. */
  readonly remarks: Map<Event['kind'], Remark>;
  readonly steps: Steps;
  /** The machine began another one. */
  ended?: { readonly at: number; readonly by: Firmware };
}

export function newBoot(id: string, at: number, client: Asker, around: Surroundings, steps: number): Boot {
  return {
    id,
    from: at,
    to: at,
    firmware: client.firmware,
    architecture: client.architecture,
    around,
    asked: {},
    files: [],
    remarks: new Map(),
    steps: new Steps(steps),
  };
}

export function newAsking(from: number): Asking {
  return { from, discovers: 0, offers: 0, requests: 0, acks: 0, askedAgainSoon: 0, bootAnswers: 0 };
}

/** Keeps an event that says why; the newest of its kind, with how often it came to the same program. */
export function remarkOn(boot: Boot, event: Event, at: number): void {
  const { remarks, phase } = boot;
  const before = remarks.get(event.kind);
  remarks.set(event.kind, { at, count: before?.phase === phase ? before!.count + 1 : 1, phase, event });
}

/** The newest remark of that kind. */
export function remark<K extends Event['kind']>(
  { remarks }: Boot,
  kind: K,
): Remark<Extract<Event, { kind: K }>> | undefined {
  return remarks.get(kind) as Remark<Extract<Event, { kind: K }>> | undefined;
}
