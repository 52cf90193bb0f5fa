import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { iptablesTables } from '../../src/commands/doctor/firewall/iptables.ts';
import { nftTables } from '../../src/commands/doctor/firewall/nft.ts';
import { packetsOf } from '../../src/commands/doctor/firewall/packet.ts';
import { dropOf, type Table } from '../../src/commands/doctor/firewall/rules.ts';
import { parseIpv4 } from '../../src/protocol/ipv4.ts';
import { requires } from '../lab/requires.ts';
import { profileOf } from '../profile.ts';
import { DhcpLab } from './dhcp-lab.ts';

/** Listens as the services do; for every line of its input it prints the ports at which something has arrived since the last. */
const LISTEN = `
import socket, sys
socks = []
for port in (67, 69):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, 25, b'lan0')
    s.bind(('0.0.0.0', port)); s.setblocking(False)
    socks.append((port, s))
print('ready', flush=True)
for line in sys.stdin:
    got = []
    for port, s in socks:
        try:
            while s.recv(100): got.append(str(port))
        except BlockingIOError: pass
    print(' '.join(got), flush=True)
`;

/** Sends as a machine that boots does, from 0.0.0.0 at first: what a veth pair carries has arrived when send has returned. */
const SEND = `
import socket, struct
ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 29, 1, 0, 64, 17, 0, bytes(4), b'\\xff' * 4)
total = sum(struct.unpack('!10H', ip)); total = (total & 0xffff) + (total >> 16)
ip = ip[:10] + struct.pack('!H', ~total & 0xffff) + ip[12:]
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
raw.bind(('eth0', 0x0800))
raw.send(b'\\xff' * 6 + b'\\x52\\x54\\0\\0\\0\\1' + b'\\x08\\0' + ip + struct.pack('!HHHH', 68, 67, 9, 0) + b'x')
t = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
t.bind(('10.77.1.2', 49152))
t.sendto(b'x', ('10.77.1.1', 69))
`;

const NFT = (rules: string, more = '') =>
  `table inet fw {\n${more}\nchain input {\ntype filter hook input priority 0; policy drop;\n${rules}\n}\n}\n`;

const RULESETS: readonly (readonly ['nft' | 'iptables' | 'iptables-legacy', string])[] = [
  ['nft', NFT('accept')],
  ['nft', NFT('udp dport 67 accept')],
  ['nft', NFT('iifname "lan*" udp dport 60-69 accept')],
  ['nft', NFT('iif lan0 meta l4proto udp th dport { 69 } accept')],
  ['nft', NFT('iifname != "lan0" accept')],
  ['nft', NFT('ip saddr 10.77.1.0/24 accept')],
  ['nft', NFT('ip daddr 255.255.255.255 accept')],
  ['nft', NFT('meta pkttype broadcast accept')],
  ['nft', NFT('fib daddr type local accept')],
  ['nft', NFT('fib daddr type broadcast accept')],
  ['nft', NFT('ct state new accept')],
  ['nft', NFT('ct state established,related accept')],
  ['nft', NFT('ct state vmap { invalid : drop, new : accept }')],
  ['nft', NFT('udp dport @open accept', 'set open { type inet_service; elements = { 67 }; }')],
  [
    'nft',
    NFT('udp dport vmap @where', 'map where { type inet_service : verdict; elements = { 69 : accept }; }'),
  ],
  ['nft', NFT('meta nfproto ipv4 jump inner', 'chain inner { udp sport 68 accept; }')],
  ['nft', NFT('goto inner\naccept', 'chain inner { udp dport 69 accept; }')],
  ['nft', NFT('jump inner\naccept', 'chain inner { udp dport 69 return; udp dport 67 drop; }')],
  ['nft', NFT('iifname . udp dport { "lan0" . 69, "lan1" . 67 } accept')],
  ['nft', NFT('tcp dport != 80 accept')],
  ['nft', NFT('udp length 8-2000 udp dport > 67 accept')],
  [
    'nft',
    `${NFT('accept')}table ip raw0 {\nchain pre {\ntype filter hook prerouting priority -300;\nudp dport 69 drop\n}\n}\n`,
  ],
  [
    'nft',
    `${NFT('accept')}table netdev n {\nchain i {\ntype filter hook ingress device lan0 priority 0;\nudp dport 67 drop\n}\n}\n`,
  ],
  // By its names a table of iptables, whose own listing would leave the set out.
  [
    'nft',
    'table ip filter {\nset s { type inet_service; elements = { 67 }; }\nchain INPUT {\ntype filter hook input priority 0; policy drop;\nudp dport @s counter accept\n}\n}\n',
  ],
  ...(['iptables', 'iptables-legacy'] as const).flatMap((program) =>
    [
      '-A INPUT -j ACCEPT',
      '-A INPUT -i lan+ -p udp -m udp --dport 67 -j ACCEPT',
      '-A INPUT ! -i lan0 -j ACCEPT',
      '-A INPUT -s 10.77.1.0/24 -j ACCEPT',
      '-A INPUT -d 10.77.1.1/32 -j ACCEPT',
      '-A INPUT -p udp -m multiport --dports 60:67,70 -j ACCEPT',
      '-A INPUT -p udp -m udp ! --dport 67 -j ACCEPT',
      '-A INPUT -m addrtype --dst-type BROADCAST -j ACCEPT',
      '-A INPUT -m conntrack --ctstate NEW -j ACCEPT',
      '-N inner\n-A INPUT -g inner\n-A INPUT -j ACCEPT\n-A inner -p udp -m udp --dport 69 -j ACCEPT',
      '-N inner\n-A INPUT -j inner\n-A INPUT -j ACCEPT\n-A inner -p udp -m udp --dport 69 -j REJECT',
      '-A INPUT -p udp -m udp --sport 68 -j DROP\n-A INPUT -j ACCEPT',
    ].map((rules) => [program, rules] as const),
  ),
];

test(
  'what is said of a packet filter is what it does to packets',
  requires('root', 'netns', 'nft', 'iptables', 'iptables-legacy', 'python3'),
  async (t) => {
    const lab = new DhcpLab(t);
    lab.client.address('eth0', '10.77.1.2/24');
    // Both know each other's hardware address before a rule is in the way.
    await lab.client.run('ping', ['-c', '1', '-W', '5', '10.77.1.1']);
    const listener = lab.server.spawn('python3', ['-c', LISTEN], { stdio: ['pipe', 'pipe', 'inherit'] });
    const answer = () =>
      new Promise<string>((resolve) => listener.stdout!.once('data', (data) => resolve(String(data))));
    await answer();
    const profile = profileOf();
    const address = parseIpv4('10.77.1.1')!;
    const adapter = { ...profile.adapter, name: 'lan0', address };
    const packets = packetsOf(
      { ...profile, adapter, pool: { first: address + 1, count: 1, reserved: [] } },
      false,
    );
    const asked = packets.filter(({ way, protocol }) => way === 'in' && protocol === 'udp');
    const output = async (program: string, ...args: string[]) => {
      const outcome = await lab.server.run(program, args);
      assert.equal(outcome.status, 0, `${program} ${args}: ${outcome.output}`);
      return outcome.output;
    };

    for (const [program, rules] of RULESETS) {
      let tables: Table[];
      if (program === 'nft') {
        const file = join(lab.folder, 'rules.nft');
        writeFileSync(file, `flush ruleset\n${rules}`);
        await output('nft', '-f', file);
        tables = nftTables(
          await output('nft', '-j', 'list', 'ruleset'),
          await output('nft', '-a', 'list', 'ruleset'),
          'lan0',
        );
      } else {
        await output('nft', 'flush', 'ruleset');
        await output(program, '-P', 'INPUT', 'DROP');
        for (const rule of rules.split('\n')) await output(program, ...rule.split(' '));
        tables = iptablesTables(
          await output(program === 'iptables' ? 'iptables-nft-save' : 'iptables-legacy-save'),
          program,
        );
      }
      const said = asked.filter((packet) => !dropOf(packet, tables)?.sure).map(({ port }) => `${port}`);
      // Nothing connects what comes now with what came before.
      await lab.server.run('sh', ['-c', 'echo 0 > /proc/sys/net/netfilter/nf_conntrack_udp_timeout']);
      await lab.client.run('python3', ['-c', SEND]);
      const arrived = answer();
      listener.stdin!.write('\n');
      assert.equal((await arrived).trim(), said.join(' '), `${program}: ${rules}`);
      if (program === 'iptables-legacy')
        for (const args of [['-P', 'INPUT', 'ACCEPT'], ['-F'], ['-X']]) await output(program, ...args);
    }
  },
);
