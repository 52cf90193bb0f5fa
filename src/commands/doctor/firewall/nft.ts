import { allOf, lookUp, matches, type Sets } from './nft-match.ts';
import type { Packet } from './packet.ts';
import type { Base, Rule, Table, Verdict } from './rules.ts';

/** libnftables-json(5): a list of objects with one member each, named after what it is. */
interface Ruleset {
  readonly nftables: readonly Readonly<Record<string, Item>>[];
}
interface Item {
  readonly family?: string;
  readonly table?: string;
  readonly name?: string;
  readonly chain?: string;
  readonly type?: string;
  readonly hook?: string;
  readonly prio?: number;
  readonly policy?: string;
  readonly dev?: string | readonly string[];
  readonly handle?: number;
  readonly expr?: readonly Readonly<Record<string, unknown>>[];
  readonly elem?: readonly unknown[];
}

const HOOKS: readonly string[] = [
  'ingress',
  'prerouting',
  'input',
  'forward',
  'output',
  'postrouting',
] satisfies Base['hook'][];

/** Families whose chains see IPv4 packets of an adapter. */
const FAMILIES = ['inet', 'ip', 'netdev'];

/**
 * The tables of `nft -j list ruleset`. Those that iptables-nft keeps are left out: its own listing says what they hold.
 *
 * @param listing of `nft -a list ruleset`, for the words of rules.
 */
export function nftTables(json: string, listing: string, adapter: string): Table[] {
  const { texts, devices } = read(listing);
  return contentsOf(json)
    .filter((content) => FAMILIES.includes(content.family) && !isIptables(content))
    .map(({ family, name, chains, rules, sets }) => {
      const key = `${family} ${name}`;
      const named: Sets = new Map(sets.map((one) => [one.name ?? '', one.elem ?? []]));
      const rulesOf = (chain: string) =>
        rules
          .filter((rule) => rule.chain === chain)
          .map((rule) => ruleOf(rule, named, texts.get(`${key} ${rule.handle}`)));
      return {
        name: key,
        chains: new Map(chains.map((chain) => [chain.name ?? '', rulesOf(chain.name ?? '')])),
        bases: chains.flatMap((chain) => {
          const at = devices.get(`${key} ${chain.name}`) ?? [chain.dev ?? adapter].flat();
          return at.includes(adapter) ? baseOf(key, chain) : [];
        }),
      };
    });
}

/** Whether iptables-nft keeps tables here. */
export function hasIptables(json: string): boolean {
  return contentsOf(json).some(isIptables);
}

/** A table with what lies in it. */
interface Content {
  readonly family: string;
  readonly name: string;
  readonly chains: readonly Item[];
  readonly rules: readonly Item[];
  /** And maps. */
  readonly sets: readonly Item[];
}

function contentsOf(json: string): Content[] {
  const { nftables } = JSON.parse(json) as Ruleset;
  const all = (kind: string) => nftables.flatMap((one) => one[kind] ?? []);
  return all('table').map(({ family = '', name = '' }) => {
    const of = (items: readonly Item[]) => items.filter((one) => one.family === family && one.table === name);
    const sets = [...of(all('set')), ...of(all('map'))];
    return { family, name, chains: of(all('chain')), rules: of(all('rule')), sets };
  });
}

const IPTABLES = ['filter', 'mangle', 'raw', 'nat', 'security'];

/** Its base chains have the names of old, in capitals; it counts in every rule, and knows neither sets nor maps. */
function isIptables({ family, name, chains, rules, sets }: Content): boolean {
  const bases = chains.filter(({ hook }) => hook !== undefined);
  return (
    family === 'ip' &&
    IPTABLES.includes(name) &&
    bases.length > 0 &&
    bases.every((chain) => chain.name === chain.hook?.toUpperCase()) &&
    sets.length === 0 &&
    rules.every(({ expr = [] }) => expr.some((one) => 'counter' in one) && !expr.some((one) => 'vmap' in one))
  );
}

function baseOf(table: string, { name = '', type, hook, prio = 0, policy }: Item): Base[] {
  if (type === 'nat' || hook === undefined || !HOOKS.includes(hook)) return [];
  return [
    {
      chain: name,
      hook: hook as Base['hook'],
      priority: prio,
      policy: policy === 'drop' ? 'drop' : 'accept',
      open: (packets) => opening(table, name, packets),
    },
  ];
}

/** One command for each way and protocol. */
function opening(table: string, chain: string, packets: readonly Packet[]): string[] {
  if (table === 'inet firewalld') {
    const ports = [...new Set(packets.map(({ port, protocol }) => `--add-port=${port}/${protocol}`))];
    return [`sudo firewall-cmd --permanent ${ports.join(' ')} && sudo firewall-cmd --reload`];
  }
  const groups = Map.groupBy(packets, ({ way, protocol }) => `${way} ${protocol}`);
  return [...groups.values()].map((group) => {
    const { way, protocol, adapter } = group[0]!;
    const ports = [...new Set(group.map(({ port }) => port))];
    const list = ports.length === 1 ? `${ports[0]}` : `{ ${ports.join(', ')} }`;
    const where =
      way === 'in'
        ? `iifname "${adapter}" ${protocol} dport`
        : way === 'out'
          ? `oifname "${adapter}" ${protocol} sport`
          : `iifname "${adapter}" oifname "${adapter}" ${protocol} dport`;
    return `sudo nft 'insert rule ${table} ${chain} ${where} ${list} accept'`;
  });
}

/** Statements that let a packet go on to the next one. */
const PASSIVE = [
  'counter',
  'log',
  'comment',
  'notrack',
  'mangle',
  'quota',
  'set',
  'map',
  'ct helper',
  'flow',
];
const VERDICTS = ['accept', 'drop', 'reject', 'return', 'jump', 'goto', 'queue', 'vmap'];

function ruleOf({ expr = [], handle }: Item, sets: Sets, text: string | undefined): Rule {
  const decision = expr.find((statement) => VERDICTS.some((name) => name in statement));
  const conditions = expr.filter(
    (statement) => statement !== decision && !PASSIVE.some((name) => name in statement),
  );
  return {
    text: text ?? `rule ${handle}`,
    matches: (packet) =>
      allOf(
        conditions.map(({ match }) =>
          match ? matches(match as Item & Record<string, unknown>, packet, sets) : 'maybe',
        ),
      ),
    verdict: (packet) => (decision ? verdictOf(decision, packet, sets) : undefined),
  };
}

function verdictOf(
  statement: Readonly<Record<string, unknown>>,
  packet: Packet,
  sets: Sets,
): Verdict | undefined {
  const { jump, goto, vmap } = statement as Record<string, { target?: string }>;
  if ('accept' in statement) return { kind: 'accept' };
  if ('drop' in statement || 'reject' in statement) return { kind: 'drop' };
  if ('return' in statement) return { kind: 'return' };
  if (jump) return { kind: 'jump', to: jump.target ?? '' };
  if (goto) return { kind: 'goto', to: goto.target ?? '' };
  if (!vmap) return { kind: 'unknown' };
  const found = lookUp(vmap as Record<string, unknown>, packet, sets);
  if (found === undefined) return undefined;
  return found === 'maybe' ? { kind: 'unknown' } : verdictOf(found as Record<string, unknown>, packet, sets);
}

/** What only the listing for people tells. */
interface Listing {
  /** The words of each rule, by "family table handle". */
  readonly texts: ReadonlyMap<string, string>;
  /** The adapters of chains at ingress, by "family table chain": older JSON leaves them out. */
  readonly devices: ReadonlyMap<string, readonly string[]>;
}

function read(listing: string): Listing {
  const texts = new Map<string, string>();
  const devices = new Map<string, string[]>();
  let table = '';
  let chain = '';
  for (const row of listing.split('\n')) {
    const begun = /^table (\S+) (\S+) \{/.exec(row);
    if (begun) table = `${begun[1]} ${begun[2]}`;
    chain = /^\tchain (\S+) \{/.exec(row)?.[1] ?? chain;
    const [, at] = /^\t\ttype \S+ hook \S+ devices? (.*?) priority/.exec(row) ?? [];
    if (at) devices.set(`${table} ${chain}`, at.match(/[^\s"={},]+/g) ?? []);
    const [, text, handle] = /^\s+(\S.*?) # handle (\d+)$/.exec(row) ?? [];
    if (text && !text.startsWith('chain ')) texts.set(`${table} ${handle}`, text);
  }
  return { texts, devices };
}
