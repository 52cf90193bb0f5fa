import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../lab/net.ts';
import { requires } from '../lab/requires.ts';
import { DhcpLab } from './dhcp-lab.ts';

const needs = requires('root', 'netns', 'tcpdump', 'python3');

/** Asks for a router as iPXE does, every half second for three seconds. */
const SOLICIT = `
import socket, struct, sys, time
index = socket.if_nametoindex(sys.argv[1])
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
for _ in range(6):
    try: s.sendto(bytes([133, 0, 0, 0, 0, 0, 0, 0]), ('ff02::2', 0, 0, index))
    except OSError: pass
    time.sleep(0.5)
`;

async function advertisements(lab: DhcpLab, host = lab.client): Promise<string> {
  const watch = host.run(
    'tcpdump',
    ['-n', '-v', '-i', 'eth0', '--immediate-mode', '-l', 'icmp6 and ip6[40] == 134'],
    5,
  );
  await sleep(300);
  await host.run('python3', ['-c', SOLICIT, 'eth0']);
  return (await watch).output;
}

test(
  'on the own bridge an IPv6 router solicitation is answered with an empty advertisement',
  needs,
  async (t) => {
    const lab = new DhcpLab(t);
    const machine = lab.lab.host('machine');
    await lab.start('dhcp', { ADAPTER: '' });
    connect({ host: lab.server, adapter: 'vm0', bridge: 'remoteboot0' }, { host: machine, adapter: 'eth0' });
    // The bridge's own link-local address is not its own until it has been checked for duplicates.
    await sleep(2500);
    const seen = await advertisements(lab, machine);
    assert.match(seen, /hlim 255.*> ff02::1: .*router advertisement, length 16/);
    assert.match(seen, /router lifetime 0s/);
  },
);

test('on a real adapter nothing is advertised unless that is asked for', needs, async (t) => {
  const lab = new DhcpLab(t);
  const service = await lab.start();
  assert.doesNotMatch(await advertisements(lab), /router advertisement/);
  await service.stop();
  await lab.start('dhcp', { ROUTER_ADVERTISEMENTS: 'on' });
  assert.match(await advertisements(lab), /router advertisement, length 16/);
});
