import { contains, parseIpv4, subnetOf } from '../../../protocol/ipv4.ts';
import { allOf } from './nft-match.ts';
import type { Packet } from './packet.ts';
import type { Answer, Base, Rule, Table, Verdict } from './rules.ts';

/** Priorities of the kernel's own tables (linux/netfilter_ipv4.h). */
const PRIORITIES: Readonly<Record<string, number>> = { raw: -300, mangle: -150, filter: 0, security: 50 };

/** The tables of `iptables-save`; `program` changes them: iptables, or iptables-legacy. */
export function iptablesTables(saved: string, program: string): Table[] {
  return saved
    .split(/^\*/m)
    .slice(1)
    .flatMap((text) => tableOf(text, program));
}

function tableOf(text: string, program: string): Table[] {
  const [name = '', ...rows] = text.split('\n');
  const priority = PRIORITIES[name];
  if (priority === undefined) return [];
  const declared = rows.flatMap((row) => {
    const [, chain, policy] = /^:(\S+) (\S+)/.exec(row) ?? [];
    return chain && policy ? [{ chain, policy }] : [];
  });
  const names = new Set(declared.map(({ chain }) => chain));
  const chains = new Map<string, Rule[]>([...names].map((chain) => [chain, []]));
  for (const row of rows) {
    const [, chain = '', rest = ''] = /^-A (\S+) ?(.*)$/.exec(row) ?? [];
    chains.get(chain)?.push(ruleOf(row, wordsOf(rest), names));
  }
  const isUfw = [...names].some((chain) => chain.startsWith('ufw-'));
  const bases = declared.flatMap(({ chain, policy }): Base[] =>
    policy === '-'
      ? []
      : [
          {
            chain,
            hook: chain.toLowerCase() as Base['hook'],
            priority,
            policy: policy === 'DROP' ? 'drop' : 'accept',
            open: (packets) => {
              const commands = packets.map((packet) =>
                isUfw && packet.way === 'in' ? ufw(packet) : opening(packet, program, name, chain),
              );
              return [...new Set(commands)];
            },
          },
        ],
  );
  return [{ name: `${program} ${name}`, chains, bases }];
}

function opening(
  { way, adapter, protocol, port }: Packet,
  program: string,
  table: string,
  chain: string,
): string {
  const on = table === 'filter' ? '' : `-t ${table} `;
  const where = {
    in: `-i ${adapter} -p ${protocol} --dport ${port}`,
    out: `-o ${adapter} -p ${protocol} --sport ${port}`,
    through: `-i ${adapter} -o ${adapter}`,
  }[way];
  return `sudo ${program} ${on}-I ${chain} ${where} -j ACCEPT`;
}

function ufw({ adapter, protocol, port }: Packet): string {
  return `sudo ufw allow in on ${adapter} to any port ${port} proto ${protocol}`;
}

/** Words of a rule; quotes hold comments together. */
function wordsOf(text: string): string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

const TARGETS: Readonly<Record<string, Verdict>> = {
  ACCEPT: { kind: 'accept' },
  DROP: { kind: 'drop' },
  REJECT: { kind: 'drop' },
  RETURN: { kind: 'return' },
  NFQUEUE: { kind: 'unknown' },
  QUEUE: { kind: 'unknown' },
};

function ruleOf(text: string, words: readonly string[], chains: ReadonlySet<string>): Rule {
  const conditions: ((packet: Packet) => Answer)[] = [];
  let verdict: Verdict | undefined;
  let negated = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const value = words[at + 1] ?? '';
    if (word === '!') {
      negated = true;
      continue;
    }
    if (word === '-j' || word === '-g') {
      const jump = word === '-j' ? 'jump' : 'goto';
      verdict = chains.has(value) ? { kind: jump, to: value } : TARGETS[value];
      // What follows are the target's own options.
      break;
    }
    const test = OPTIONS[word];
    if (test) {
      const not = negated;
      conditions.push((packet) => (not ? opposite(test(packet, value)) : test(packet, value)));
    } else if (word === '-m' && !KNOWN_MODULES.has(value)) conditions.push(() => 'maybe');
    negated = false;
    // Some have no value, some two.
    if (word.startsWith('-') && !/^(-.*|!)$/.test(value)) at++;
  }
  return { text, matches: (packet) => allOf(conditions.map((test) => test(packet))), verdict: () => verdict };
}

const opposite = (answer: Answer): Answer => (answer === 'yes' ? 'no' : answer === 'no' ? 'yes' : 'maybe');
const yesIf = (is: boolean): Answer => (is ? 'yes' : 'no');

/** Of the others it is not known what they look at. */
const KNOWN_MODULES: ReadonlySet<string> = new Set([
  ...['tcp', 'udp', 'multiport', 'conntrack', 'state', 'addrtype', 'pkttype', 'comment', 'physdev', 'icmp'],
]);

type Test = (packet: Packet, value: string) => Answer;
const destinationPort: Test = ({ destinationPort: port }, value) => yesIf(inPorts(port, value));
const sourcePort: Test = ({ sourcePort: port }, value) => yesIf(inPorts(port, value));
const state: Test = (packet, value) => yesIf(value.toLowerCase().split(',').includes(packet.state));

const OPTIONS: Readonly<Record<string, Test>> = {
  '-i': ({ way, adapter }, value) => yesIf(way !== 'out' && isNamed(adapter, value)),
  '-o': ({ way, adapter }, value) => yesIf(way !== 'in' && isNamed(adapter, value)),
  '-p': ({ protocol }, value) => yesIf([protocol, 'all', { udp: '17', tcp: '6' }[protocol]].includes(value)),
  '-s': ({ source }, value) => yesIf(inSubnet(source, value)),
  '-d': ({ destination }, value) => yesIf(inSubnet(destination, value)),
  '--dport': destinationPort,
  '--dports': destinationPort,
  '--sport': sourcePort,
  '--sports': sourcePort,
  '--ports': (packet, value) =>
    yesIf(inPorts(packet.destinationPort, value) || inPorts(packet.sourcePort, value)),
  '--ctstate': state,
  '--state': state,
  '--dst-type': ({ cast, way }, value) =>
    yesIf(value.split(',').includes(cast === 'broadcast' ? 'BROADCAST' : way === 'in' ? 'LOCAL' : 'UNICAST')),
  '--pkt-type': ({ cast }, value) => yesIf(value === cast),
  '--physdev-is-bridged': ({ way }) => yesIf(way === 'through'),
  '--syn': ({ protocol, state }) => yesIf(protocol === 'tcp' && state === 'new'),
  '--tcp-flags': () => 'maybe',
  '--icmp-type': () => 'no',
  '--src-type': () => 'maybe',
};

/** "eth+" stands for all that begin with eth. */
function isNamed(adapter: string, pattern: string): boolean {
  return pattern.endsWith('+') ? adapter.startsWith(pattern.slice(0, -1)) : adapter === pattern;
}

function inSubnet(address: number, cidr: string): boolean {
  const [text = '', prefix = '32'] = cidr.split('/');
  const network = parseIpv4(text);
  return network !== undefined && contains(subnetOf(network, Number(prefix)), address);
}

/** "67,69,4000:4020" */
function inPorts(port: number, list: string): boolean {
  return list.split(',').some((part) => {
    const [from = '', to = from] = part.split(':');
    return port >= Number(from || 0) && port <= Number(to || 65_535);
  });
}
