import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { judge } from '../../../src/commands/doctor/checks/firewall.ts';
import { iptablesTables } from '../../../src/commands/doctor/firewall/iptables.ts';
import { hasIptables, nftTables } from '../../../src/commands/doctor/firewall/nft.ts';
import { packetsOf } from '../../../src/commands/doctor/firewall/packet.ts';
import { dropOf, type Table } from '../../../src/commands/doctor/firewall/rules.ts';
import { parseIpv4 } from '../../../src/protocol/ipv4.ts';
import { profileOf } from '../../profile.ts';

const ip = (text: string) => parseIpv4(text)!;
const profile = profileOf({
  adapter: {
    ...profileOf().adapter,
    name: 'eth1',
    address: ip('10.0.0.1'),
    subnet: { network: ip('10.0.0.0'), prefix: 24 },
  },
  pool: { first: ip('10.0.0.100'), count: 20, reserved: [] },
});
const packets = packetsOf(profile, false);
const lines = (tables: readonly Table[]) => judge({ packets, tables, unseen: [] });
const dropped = (tables: readonly Table[]) =>
  packets.flatMap((packet) => {
    const drop = dropOf(packet, tables);
    return drop ? [`${packet.way} ${packet.port}${drop.sure ? '' : ' perhaps'}`] : [];
  });

const filter = (...rules: string[]) =>
  iptablesTables(
    [
      '*filter',
      ':INPUT DROP [0:0]',
      ':FORWARD DROP [0:0]',
      ':OUTPUT ACCEPT [0:0]',
      ...rules,
      'COMMIT',
      '',
    ].join('\n'),
    'iptables',
  );

test('a host without rules lets everything through, and Docker’s chains for forwarding are in nobody’s way', () => {
  assert.deepEqual(dropped([]), []);
  const docker = [
    '*filter',
    ':INPUT ACCEPT [0:0]',
    ':FORWARD DROP [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':DOCKER-USER - [0:0]',
    '-A FORWARD -j DOCKER-USER',
    '-A DOCKER-USER -j DROP',
    'COMMIT',
  ].join('\n');
  assert.deepEqual(dropped(iptablesTables(docker, 'iptables')), []);
  assert.equal(lines([])[0]?.state, 'ok');
});

test('conditions of iptables are read as the kernel reads them', () => {
  const opens = (rule: string) => {
    const left = dropped(filter(rule));
    return ['in 67', 'in 69', 'in 80'].filter((one) => !left.some((drop) => drop.startsWith(one)));
  };
  const all = ['in 67', 'in 69', 'in 80'];
  const table: readonly (readonly [string, readonly string[]])[] = [
    ['-A INPUT -j ACCEPT', all],
    ['-A INPUT -i eth+ -j ACCEPT', all],
    ['-A INPUT -i eth0 -j ACCEPT', []],
    ['-A INPUT ! -i eth0 -j ACCEPT', all],
    ['-A INPUT -p udp -j ACCEPT', ['in 67', 'in 69']],
    ['-A INPUT -p 17 -j ACCEPT', ['in 67', 'in 69']],
    ['-A INPUT -s 10.0.0.0/24 -j ACCEPT', ['in 69', 'in 80']],
    ['-A INPUT -d 10.0.0.1/32 -j ACCEPT', ['in 69', 'in 80']],
    ['-A INPUT -p udp -m udp --sport 68 --dport 67 -j ACCEPT', ['in 67']],
    ['-A INPUT -p udp -m udp ! --dport 67 -j ACCEPT', ['in 69']],
    ['-A INPUT -p udp -m multiport --dports 60:67,69 -j ACCEPT', ['in 67', 'in 69']],
    ['-A INPUT -p tcp -m tcp --dport 80 -m comment --comment "let -j DROP in" -j ACCEPT', ['in 80']],
    ['-A INPUT -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT', all],
    ['-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', []],
    ['-A INPUT -m addrtype --dst-type BROADCAST -j ACCEPT', ['in 67']],
    ['-A INPUT -m pkttype --pkt-type broadcast -j ACCEPT', ['in 67']],
    ['-A INPUT -p tcp -m tcp --syn -j ACCEPT', ['in 80']],
    ['-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT', []],
    ['-A INPUT -j LOG --log-prefix "x "', []],
  ];
  for (const [rule, opened] of table) assert.deepEqual(opens(rule), opened, rule);
});

test('what cannot be known makes a drop a perhaps, and a warning', () => {
  const tables = filter('-A INPUT -m limit --limit 5/sec -j ACCEPT');
  assert.deepEqual(dropped(tables), ['in 67 perhaps', 'in 69 perhaps', 'in 80 perhaps']);
  assert.deepEqual(
    lines(tables).map(({ state }) => state),
    ['warn'],
  );
  assert.deepEqual(dropped(filter('-A INPUT -m set --match-set bad src -j DROP', '-A INPUT -j ACCEPT')), [
    'in 67 perhaps',
    'in 69 perhaps',
    'in 80 perhaps',
  ]);
});

test('ufw that denies by default is told with its own command', () => {
  const ufw = filter(
    ':ufw-before-input - [0:0]',
    ':ufw-user-input - [0:0]',
    ':ufw-not-local - [0:0]',
    '-A INPUT -j ufw-before-input',
    '-A ufw-before-input -i lo -j ACCEPT',
    '-A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-A ufw-before-input -p udp -m udp --sport 67 --dport 68 -j ACCEPT',
    '-A ufw-before-input -j ufw-not-local',
    '-A ufw-before-input -j ufw-user-input',
    '-A ufw-not-local -m addrtype --dst-type LOCAL -j RETURN',
    '-A ufw-not-local -m addrtype --dst-type BROADCAST -j RETURN',
    '-A ufw-not-local -m limit --limit 3/min -j LOG',
    '-A ufw-not-local -j DROP',
    '-A ufw-user-input -p tcp -m tcp --dport 80 -j ACCEPT',
  );
  const [line] = lines(ufw);
  assert.equal(line?.what, 'UDP 67, UDP 69');
  assert.equal(
    line?.command,
    'sudo ufw allow in on eth1 to any port 67 proto udp && sudo ufw allow in on eth1 to any port 69 proto udp',
  );
});

const nft = (...items: object[]) => JSON.stringify({ nftables: [{ metainfo: {} }, ...items] });
const chain = (name: string, rest: object) => ({ chain: { family: 'inet', table: 'fw', name, ...rest } });
const input = chain('input', { type: 'filter', hook: 'input', prio: 0, policy: 'drop' });
const rule = (...expr: object[]) => ({
  rule: { family: 'inet', table: 'fw', chain: 'input', handle: 7, expr },
});
const fw = { table: { family: 'inet', name: 'fw' } };

test('firewalld’s table is opened by its own command: it takes no rules of others', () => {
  const json = nft(
    { table: { family: 'inet', name: 'firewalld' } },
    {
      chain: {
        family: 'inet',
        table: 'firewalld',
        name: 'filter_INPUT',
        type: 'filter',
        hook: 'input',
        prio: 10,
        policy: 'accept',
      },
    },
    {
      rule: {
        family: 'inet',
        table: 'firewalld',
        chain: 'filter_INPUT',
        handle: 9,
        expr: [{ reject: { type: 'icmpx', expr: 'admin-prohibited' } }],
      },
    },
  );
  const listing =
    'table inet firewalld {\n\tchain filter_INPUT {\n\t\treject with icmpx admin-prohibited # handle 9\n\t}\n}\n';
  const [line] = lines(nftTables(json, listing, 'eth1'));
  assert.match(line?.detail ?? '', /dropped by "reject with icmpx admin-prohibited" in inet firewalld/);
  assert.match(
    line?.command ?? '',
    /firewall-cmd --permanent --add-port=67\/udp --add-port=69\/udp --add-port=80\/tcp && /,
  );
});

test('conditions of nftables are read as the kernel reads them', () => {
  const match = (left: object, right: unknown, op = '==') => ({ match: { op, left, right } });
  const dport = { payload: { protocol: 'th', field: 'dport' } };
  const opens = (...expr: object[]) => {
    const left = dropped(nftTables(nft(fw, input, rule(...expr, { accept: null })), '', 'eth1'));
    return ['in 67', 'in 69', 'in 80'].filter((one) => !left.some((drop) => drop.startsWith(one)));
  };
  const all = ['in 67', 'in 69', 'in 80'];
  assert.deepEqual(opens(match({ meta: { key: 'iifname' } }, 'eth*')), all);
  assert.deepEqual(opens(match({ meta: { key: 'iifname' } }, 'eth1', '!=')), []);
  assert.deepEqual(opens(match({ meta: { key: 'l4proto' } }, { set: ['icmp', 'udp'] })), ['in 67', 'in 69']);
  assert.deepEqual(opens(match(dport, { range: [60, 70] })), ['in 67', 'in 69']);
  assert.deepEqual(opens(match(dport, 69, '>')), ['in 80']);
  assert.deepEqual(opens(match({ payload: { protocol: 'tcp', field: 'dport' } }, 67, '!=')), ['in 80']);
  assert.deepEqual(
    opens(match({ payload: { protocol: 'ip', field: 'saddr' } }, { prefix: { addr: '10.0.0.0', len: 8 } })),
    ['in 69', 'in 80'],
  );
  assert.deepEqual(opens(match({ payload: { protocol: 'ip6', field: 'saddr' } }, '::1')), []);
  assert.deepEqual(opens(match({ ct: { key: 'state' } }, ['established', 'related'], 'in')), []);
  assert.deepEqual(opens(match({ fib: { result: 'type', flags: ['daddr'] } }, 'broadcast')), ['in 67']);
  assert.deepEqual(opens(match({ meta: { key: 'pkttype' } }, 'broadcast')), ['in 67']);
  const both = { concat: [{ meta: { key: 'l4proto' } }, dport] };
  assert.deepEqual(
    opens(match(both, { set: [{ concat: ['udp', 69] }, { concat: ['tcp', { range: [79, 81] }] }] })),
    ['in 69', 'in 80'],
  );
  assert.deepEqual(opens({ limit: { rate: 1 } }), []);
  assert.deepEqual(opens({ counter: null }, { log: null }), all);
});

test('named sets and verdict maps are looked up', () => {
  const json = nft(
    fw,
    {
      set: {
        family: 'inet',
        table: 'fw',
        name: 'open',
        type: 'inet_service',
        elem: [67, { elem: { val: 69 } }],
      },
    },
    input,
    rule(
      { match: { op: '==', left: { payload: { protocol: 'udp', field: 'dport' } }, right: '@open' } },
      { accept: null },
    ),
    rule({
      vmap: {
        key: { payload: { protocol: 'tcp', field: 'dport' } },
        data: { set: [[{ range: [1, 100] }, { accept: null }]] },
      },
    }),
  );
  assert.deepEqual(dropped(nftTables(json, '', 'eth1')), []);
});

test('a chain that comes earlier, on the way in or before it is known to be for this host, drops first', () => {
  const early = nft(
    { table: { family: 'netdev', name: 'n' } },
    {
      chain: {
        family: 'netdev',
        table: 'n',
        name: 'i',
        type: 'filter',
        hook: 'ingress',
        prio: 0,
        policy: 'drop',
        dev: 'eth1',
      },
    },
    fw,
    input,
  );
  assert.match(lines(nftTables(early, '', 'eth1'))[0]?.detail ?? '', /in netdev n, chain i/);
  assert.match(lines(nftTables(early, '', 'eth2'))[0]?.detail ?? '', /in inet fw, chain input/);
});

test('tables that iptables keeps are known by their chains, and left to its own listing', () => {
  const kept = nft(
    { table: { family: 'ip', name: 'filter' } },
    {
      chain: {
        family: 'ip',
        table: 'filter',
        name: 'INPUT',
        type: 'filter',
        hook: 'input',
        prio: 0,
        policy: 'drop',
      },
    },
  );
  assert.equal(hasIptables(kept), true);
  assert.deepEqual(nftTables(kept, '', 'eth1'), []);
  const own = kept.replaceAll('INPUT', 'input');
  const uncounted = nft(...JSON.parse(kept).nftables.slice(1), {
    rule: { family: 'ip', table: 'filter', chain: 'INPUT', handle: 3, expr: [{ accept: null }] },
  });
  for (const json of [own, uncounted]) {
    assert.equal(hasIptables(json), false);
    assert.equal(nftTables(json, '', 'eth1').length, 1);
  }
});

test('beside another DHCP server, a bridge that filters what passes its ports is told', () => {
  const proxy = packetsOf({ ...profile, mode: 'proxy' }, true);
  const tables = filter('-A INPUT -j ACCEPT');
  const [line] = judge({ packets: proxy, tables, unseen: [] });
  assert.match(line?.detail ?? '', /through the bridge/);
  assert.equal(line?.command, 'sudo iptables -I FORWARD -i eth1 -o eth1 -j ACCEPT');
  const bridged = filter('-A INPUT -j ACCEPT', '-A FORWARD -m physdev --physdev-is-bridged -j ACCEPT');
  assert.equal(judge({ packets: proxy, tables: bridged, unseen: [] })[0]?.state, 'ok');
});

test('relays have to get through as well', () => {
  const subnet = { network: ip('10.1.0.0'), prefix: 24 };
  const relayed = {
    ...profile,
    subnets: [{ subnet, pool: profile.pool, gateway: undefined, dns: [], relays: [] }],
  };
  const tables = filter('-A INPUT -p udp -m udp --sport 68 -j ACCEPT', '-A INPUT -s 10.0.0.0/24 -j ACCEPT');
  const [line] = judge({ packets: packetsOf(relayed, false), tables, unseen: [] });
  assert.match(line?.detail ?? '', /relays of 10\.1\.0\.0\/24$/);
  const [all] = judge({ packets: packetsOf(relayed, false), tables: filter(), unseen: [] });
  assert.equal(all?.command?.match(/--dport 67 /g)?.length, 1, 'each rule once');
});

test('what could not be read is unknown, and nothing is said to be well', () => {
  const found = judge({
    packets,
    tables: [],
    unseen: [{ what: 'nft', reason: 'Operation not permitted', remedy: 'r' }],
  });
  assert.deepEqual(
    found.map(({ state }) => state),
    ['unknown'],
  );
});

test('rules of any shape are read without a fault', () => {
  fc.assert(
    fc.property(fc.array(fc.object({ maxDepth: 4 }), { maxLength: 4 }), (expr) => {
      dropped(nftTables(nft(fw, input, rule(...(expr as object[]))), '', 'eth1'));
    }),
  );
  const words = fc.constantFrom(
    '-m',
    '-p',
    '!',
    '-i',
    '-j',
    '-g',
    '--dport',
    'udp',
    'ACCEPT',
    'INPUT',
    '"a b"',
    '--syn',
    '0:9',
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 12 }), (rest) => {
      dropped(filter(`-A INPUT ${rest.join(' ')}`));
    }),
  );
});
