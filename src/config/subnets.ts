import {
  broadcastOf,
  contains,
  formatIpv4,
  formatSubnet,
  type Ipv4,
  isHost,
  parseIpv4,
  type Subnet,
  subnetOf,
} from '../protocol/ipv4.ts';

/** One subnet behind a relay as the user describes it; what is undefined follows from other settings. */
export interface SubnetWish {
  readonly subnet: Subnet;
  readonly range: { readonly first: Ipv4; readonly last: Ipv4 } | undefined;
  readonly gateway: Ipv4 | 'none' | undefined;
  readonly dns: readonly Ipv4[] | 'none' | undefined;
  /** Where relays ask from, if neither from this subnet nor from another that is served. */
  readonly relays: readonly Ipv4[];
}

/** "10.1.0.0/24 range=10.1.0.100-10.1.0.200": the line that says the same. */
export function subnetText({ subnet, range, gateway, dns, relays }: SubnetWish): string {
  const told = (value: Ipv4 | 'none') => (value === 'none' ? value : formatIpv4(value));
  return [
    formatSubnet(subnet),
    ...(range ? [`range=${formatIpv4(range.first)}-${formatIpv4(range.last)}`] : []),
    ...(gateway === undefined ? [] : [`gateway=${told(gateway)}`]),
    ...(dns === undefined ? [] : [`dns=${dns === 'none' ? dns : dns.map(formatIpv4).join(',')}`]),
    ...(relays.length > 0 ? [`relay=${relays.map(formatIpv4).join(',')}`] : []),
  ].join(' ');
}

/** Room for a /8 and the smallest subnet that has a router and a machine. */
const PREFIXES = { lowest: 8, highest: 30 } as const;
/** As LEASE_COUNT allows. */
const LARGEST_RANGE = 1_048_576;
const MOST_DNS_SERVERS = 8;
const MOST_RELAYS = 8;

/**
 * The text of SUBNETS: subnets with semicolons between, each its CIDR and then words in any order.
 *
 *     10.1.0.0/24 range=10.1.0.100-10.1.0.200 gateway=10.1.0.1 dns=10.1.0.1,9.9.9.9; 10.2.0.0/24 relay=192.0.2.7
 *
 * Every mistake is returned, as the end of a sentence that begins with the variable.
 */
export function parseSubnets(text: string): { subnets: readonly SubnetWish[]; mistakes: readonly string[] } {
  const mistakes: string[] = [];
  const entries = text
    .split(';')
    .map((entry) => entry.trim())
    .filter((entry) => entry.length > 0);
  const subnets = entries.flatMap((entry) => parseEntry(entry, (mistake) => mistakes.push(mistake)) ?? []);
  for (const [index, { subnet }] of subnets.entries()) {
    const other = subnets.slice(0, index).find((before) => overlap(before.subnet, subnet));
    if (other) mistakes.push(`has ${formatSubnet(other.subnet)} and ${formatSubnet(subnet)}, which overlap`);
  }
  return { subnets, mistakes };
}

export function overlap(a: Subnet, b: Subnet): boolean {
  return contains(a, b.network) || contains(b, a.network);
}

type Tell = (mistake: string) => void;

function parseEntry(entry: string, tell: Tell): SubnetWish | undefined {
  const [cidr = '', ...words] = entry.split(/\s+/);
  const subnet = parseCidr(cidr, tell);
  const values = new Map<string, string>();
  for (const word of words) {
    const [, key = '', value = ''] = /^(range|gateway|dns|relay)=(.+)$/.exec(word) ?? [];
    if (!key) tell(`has "${word}" after ${cidr}: range=, gateway=, dns= and relay= may stand there`);
    else if (values.has(key)) tell(`has ${key}= twice for ${cidr}`);
    values.set(key, value);
  }
  if (!subnet) return undefined;
  return {
    subnet,
    range: parsed(values.get('range'), (value) => parseRange(value, subnet, tell)),
    gateway: parsed(values.get('gateway'), (value) => parseGateway(value, subnet, tell)),
    dns: parsed(values.get('dns'), (value) => parseDns(value, subnet, tell)),
    relays: parsed(values.get('relay'), (value) => parseRelays(value, tell)) ?? [],
  };
}

function parsed<T>(text: string | undefined, parse: (text: string) => T | undefined): T | undefined {
  return text === undefined ? undefined : parse(text);
}

function parseCidr(text: string, tell: Tell): Subnet | undefined {
  const [, dotted = '', length = ''] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  const address = parseIpv4(dotted);
  if (address === undefined || Number(length) > 32) {
    tell(`has "${text}" where a subnet such as 10.1.0.0/24 should stand`);
    return undefined;
  }
  const subnet = subnetOf(address, Number(length));
  if (subnet.prefix < PREFIXES.lowest || subnet.prefix > PREFIXES.highest) {
    tell(`has ${text}: a subnet of machines has a prefix from ${PREFIXES.lowest} to ${PREFIXES.highest}`);
    return undefined;
  }
  if (subnet.network !== address) tell(`has ${text}, an address inside ${formatSubnet(subnet)}: write that`);
  return subnet;
}

function parseRange(text: string, subnet: Subnet, tell: Tell): SubnetWish['range'] {
  const [first, last, ...more] = text.split('-').map(parseIpv4);
  if (first === undefined || last === undefined || more.length > 0) {
    tell(`has "range=${text}", which is not two addresses with a hyphen between`);
    return undefined;
  }
  const hosts = { first: subnet.network + 1, last: broadcastOf(subnet) - 1 };
  if (last < first) tell(`has "range=${text}", which ends before it begins`);
  else if (first < hosts.first || last > hosts.last)
    tell(
      `has "range=${text}", which reaches outside ${formatSubnet(subnet)} (machines can have ${formatIpv4(hosts.first)}-${formatIpv4(hosts.last)})`,
    );
  else if (last - first >= LARGEST_RANGE)
    tell(`has "range=${text}", which is longer than ${LARGEST_RANGE} addresses`);
  return { first, last };
}

function parseGateway(text: string, subnet: Subnet, tell: Tell): SubnetWish['gateway'] {
  if (text === 'none') return text;
  const address = parseIpv4(text);
  if (address === undefined) tell(`has "gateway=${text}", which is neither an IPv4 address nor "none"`);
  else if (!contains(subnet, address) || address === subnet.network || address === broadcastOf(subnet))
    tell(
      `has "gateway=${text}", which machines of ${formatSubnet(subnet)} cannot reach: it is no host of it`,
    );
  return address;
}

function parseDns(text: string, subnet: Subnet, tell: Tell): SubnetWish['dns'] {
  if (text === 'none') return text;
  const words = text.split(',').filter((word) => word.length > 0);
  if (words.length > MOST_DNS_SERVERS)
    tell(
      `has ${words.length} DNS servers for ${formatSubnet(subnet)}; machines use ${MOST_DNS_SERVERS} at the most`,
    );
  return words.flatMap((word) => {
    const address = parseIpv4(word);
    if (address === undefined) tell(`has "dns=${text}", in which "${word}" is not an IPv4 address`);
    return address ?? [];
  });
}

function parseRelays(text: string, tell: Tell): readonly Ipv4[] {
  const words = text.split(',').filter((word) => word.length > 0);
  const relays = words.map(parseIpv4).filter((address) => address !== undefined);
  if (relays.length < words.length || !relays.every(isHost))
    tell(`has "relay=${text}", which is not a list of relays' IPv4 addresses`);
  if (words.length > MOST_RELAYS)
    tell(`has ${words.length} relays for one subnet; ${MOST_RELAYS} are possible`);
  return relays;
}
