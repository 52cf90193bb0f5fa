import type { Client } from '../boot/client.ts';
import type { Plan, PlanSettings } from '../boot/plan.ts';
import type { DhcpEvent } from '../journal/dhcp-events.ts';
import { optionName } from '../journal/dissection.ts';
import type { Ledger, Tenant } from '../leases/book.ts';
import type { LeaseChange } from '../leases/lease.ts';
import type { Packet } from '../protocol/dhcp/packet.ts';
import type { Ipv4 } from '../protocol/ipv4.ts';
import type { Destination } from './destination.ts';
import type { Kind } from './kinds.ts';
import type { ReplySettings } from './reply.ts';
import { encodeFor } from './reply-form.ts';
import type { Served } from './served.ts';

/** What is answered on one subnet. */
export interface EngineSettings extends ReplySettings {
  readonly plan: PlanSettings;
  readonly served: Served;
  /** No other server on this network can be right: strangers' addresses are NAKed, not left alone. */
  readonly authoritative: boolean;
  /** Seconds that a stranger is given first where addresses are short. */
  readonly newLeaseTime: number;
  /** A line for .env that makes a pool of so many addresses larger. */
  largerPool(size: number): string;
}

/** One message that has been understood, and all that its answer depends on. `now` in seconds. */
export interface Question {
  /** As it came, and its kind where others like it are known. */
  readonly bytes: Uint8Array;
  readonly kind: Kind | undefined;
  readonly request: Packet;
  readonly client: Client;
  readonly settings: EngineSettings;
  readonly book: Ledger;
  /** True for a stranger that is given an address for a short time: `settings` say so already. */
  readonly isOnProbation: boolean;
  /** The sender's address; undefined where it is known better than that who asks. */
  readonly peer: Ipv4 | undefined;
  readonly now: number;
}

/** What one packet leads to. The answer may leave once `changes` are stored; without changes, at once. */
export interface Outcome {
  readonly events: readonly DhcpEvent[];
  readonly changes: readonly LeaseChange[];
  readonly answer?: Answer;
  /** True where there are too many of them to show each packet. */
  readonly untraced?: true;
}

export interface Answer {
  readonly bytes: Uint8Array;
  readonly destination: Destination;
  readonly mac: string;
}

export function answer(
  { client }: Pick<Question, 'client'>,
  packet: Packet,
  destination: Destination,
): Answer {
  return { bytes: encodeFor(client, packet), destination, mac: client.mac };
}

/** Silence on the wire, for a reason. */
export function silence(...events: DhcpEvent[]): Outcome {
  return { events, changes: [] };
}

export function ignored({ client }: Pick<Question, 'client'>, message: string, reason: string): Outcome {
  return silence({ kind: 'dhcp.ignored', mac: client.mac, message, reason });
}

export function tenantOf({ key, mac, hostName }: Client): Tenant {
  return { key, mac, hostName: hostName ?? '' };
}

/** The relay that passed the message on, for events. */
export function relayOf({ giaddr }: Packet): { relay?: Ipv4 } {
  return giaddr === 0 ? {} : { relay: giaddr };
}

/** What an operator should know of a reply besides its having been sent. */
export function remarks(
  client: Client,
  plan: Plan,
  reply: { readonly left: readonly number[] },
): DhcpEvent[] {
  const { mac } = client;
  const events: DhcpEvent[] = [];
  if (plan.kind === 'no-loader')
    events.push({ kind: 'dhcp.no-loader', mac, machines: plan.machines, file: plan.file });
  if (reply.left.length > 0)
    events.push({ kind: 'dhcp.options-left-out', mac, names: reply.left.map(optionName) });
  return events;
}
