import { contains, parseIpv4, subnetOf } from '../../../protocol/ipv4.ts';
import type { Packet } from './packet.ts';
import type { Answer } from './rules.ts';

/** Elements of named sets and maps, by name. */
export type Sets = ReadonlyMap<string, readonly unknown[]>;

/** A field of the packet: its value, ABSENT where such a packet has none, UNKNOWN where it cannot be known here. */
type Value = string | number | readonly Value[] | typeof ABSENT | typeof UNKNOWN;
const ABSENT = Symbol('absent');
const UNKNOWN = Symbol('unknown');

type Json = Readonly<Record<string, unknown>>;

const META: Readonly<Record<string, (packet: Packet) => Value>> = {
  iifname: ({ way, adapter }) => (way === 'out' ? '' : adapter),
  iif: ({ way, adapter }) => (way === 'out' ? '' : adapter),
  oifname: ({ way, adapter }) => (way === 'in' ? '' : adapter),
  oif: ({ way, adapter }) => (way === 'in' ? '' : adapter),
  l4proto: ({ protocol }) => protocol,
  nfproto: () => 'ipv4',
  protocol: () => 'ip',
  pkttype: ({ cast }) => (cast === 'broadcast' ? 'broadcast' : 'host'),
  mark: () => 0,
};

const PAYLOADS: Readonly<Record<string, (packet: Packet) => Value>> = {
  'ip saddr': ({ source }) => source,
  'ip daddr': ({ destination }) => destination,
  'ip protocol': ({ protocol }) => protocol,
  'ip version': () => 4,
  'th sport': ({ sourcePort }) => sourcePort,
  'th dport': ({ destinationPort }) => destinationPort,
  'udp sport': (packet) => (packet.protocol === 'udp' ? packet.sourcePort : ABSENT),
  'udp dport': (packet) => (packet.protocol === 'udp' ? packet.destinationPort : ABSENT),
  'tcp sport': (packet) => (packet.protocol === 'tcp' ? packet.sourcePort : ABSENT),
  'tcp dport': (packet) => (packet.protocol === 'tcp' ? packet.destinationPort : ABSENT),
};
/** Headers that none of our packets has. */
const OTHER_HEADERS = [
  'ip6',
  'icmp',
  'icmpv6',
  'igmp',
  'sctp',
  'dccp',
  'esp',
  'ah',
  'arp',
  'udplite',
  'vlan',
];

/** What an nftables expression is for this packet. */
function fieldOf(left: unknown, packet: Packet): Value {
  if (typeof left !== 'object' || left === null) return UNKNOWN;
  const { meta, payload, ct, fib, concat } = left as Record<string, Json & { key?: string }>;
  if (meta?.key) return META[meta.key]?.(packet) ?? UNKNOWN;
  if (payload) {
    const { protocol, field } = payload as { protocol?: string; field?: string };
    const known = PAYLOADS[`${protocol} ${field}`];
    if (known) return known(packet);
    return protocol !== undefined && (OTHER_HEADERS.includes(protocol) || isOther(protocol, packet))
      ? ABSENT
      : UNKNOWN;
  }
  if (ct?.key === 'state') return packet.state;
  if (ct?.key === 'mark') return 0;
  if (fib?.result === 'type' && asList(fib.flags).includes('daddr'))
    return packet.cast === 'broadcast' ? 'broadcast' : packet.way === 'in' ? 'local' : 'unicast';
  if (Array.isArray(concat)) return concat.map((part) => fieldOf(part, packet));
  return UNKNOWN;
}

function isOther(protocol: string, packet: Packet): boolean {
  return (protocol === 'tcp' || protocol === 'udp') && protocol !== packet.protocol;
}

/** Whether the packet matches {"match": {op, left, right}}. */
export function matches({ op, left, right }: Json, packet: Packet, sets: Sets): Answer {
  const value = fieldOf(left, packet);
  if (value === ABSENT) return 'no';
  const equal = equals(value, right, sets);
  if (op === '==' || op === 'in') return equal;
  if (op === '!=') return equal === 'yes' ? 'no' : equal === 'no' ? 'yes' : 'maybe';
  if (typeof value !== 'number' || typeof right !== 'number') return 'maybe';
  return yesIf(
    { '<': value < right, '>': value > right, '<=': value <= right, '>=': value >= right }[String(op)],
  );
}

const yesIf = (is: boolean | undefined): Answer => (is === undefined ? 'maybe' : is ? 'yes' : 'no');

/** The verdict that a map has for the packet, as JSON; 'maybe' where that cannot be told. */
export function lookUp({ key, data }: Json, packet: Packet, sets: Sets): unknown {
  const value = fieldOf(key, packet);
  if (value === ABSENT) return undefined;
  for (const entry of elementsOf(data, sets)) {
    const [pattern, verdict] = entry as [unknown, unknown];
    const answer = equals(value, pattern, sets);
    if (answer === 'yes') return verdict;
    if (answer === 'maybe') return 'maybe';
  }
  return undefined;
}

function equals(value: Value, right: unknown, sets: Sets): Answer {
  if (value === UNKNOWN) return 'maybe';
  const elements = isSet(right) ? elementsOf(right, sets) : undefined;
  if (elements) return anyOf(elements.map((element) => equals(value, element, sets)));
  if (typeof right === 'object' && right !== null) {
    const { elem, concat, range, prefix } = right as Record<string, unknown>;
    if (elem) return equals(value, (elem as Json).val, sets);
    if (Array.isArray(concat) && Array.isArray(value))
      return allOf(concat.map((part, at) => equals(value[at] ?? UNKNOWN, part, sets)));
    if (Array.isArray(range)) return within(value, range[0], range[1]);
    if (prefix) return inside(value, prefix as { addr?: unknown; len?: unknown });
    return 'maybe';
  }
  if (typeof value === 'number')
    return yesIf(numberIn(right) === undefined ? undefined : numberIn(right) === value);
  if (typeof value !== 'string') return 'maybe';
  if (right === 'unicast' && value === 'host') return 'yes';
  const text = NUMBERS[String(right)] ?? String(right);
  return yesIf(text.endsWith('*') ? value.startsWith(text.slice(0, -1)) : value === text);
}

const NUMBERS: Readonly<Record<string, string>> = { '17': 'udp', '6': 'tcp' };

function isSet(right: unknown): boolean {
  if (Array.isArray(right)) return true;
  if (typeof right === 'string') return right.startsWith('@');
  return typeof right === 'object' && right !== null && 'set' in right;
}

function elementsOf(data: unknown, sets: Sets): readonly unknown[] {
  if (typeof data === 'string') return sets.get(data.slice(1)) ?? [];
  if (Array.isArray(data)) return data;
  const { set } = (data ?? {}) as { set?: unknown };
  return asList(set);
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

function within(value: Value, from: unknown, to: unknown): Answer {
  const [low, high] = [numberIn(from), numberIn(to)];
  if (typeof value !== 'number' || low === undefined || high === undefined) return 'maybe';
  return yesIf(value >= low && value <= high);
}

function inside(value: Value, { addr, len }: { addr?: unknown; len?: unknown }): Answer {
  const network = parseIpv4(String(addr));
  if (typeof value !== 'number' || network === undefined || typeof len !== 'number') return yesIf(false);
  return yesIf(contains(subnetOf(network, len), value));
}

/** A port, or an address. */
function numberIn(value: unknown): number | undefined {
  return typeof value === 'number' ? value : parseIpv4(String(value));
}

export function anyOf(answers: readonly Answer[]): Answer {
  return answers.includes('yes') ? 'yes' : answers.includes('maybe') ? 'maybe' : 'no';
}

export function allOf(answers: readonly Answer[]): Answer {
  return answers.includes('no') ? 'no' : answers.includes('maybe') ? 'maybe' : 'yes';
}
