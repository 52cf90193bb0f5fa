import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requires } from '../lab/requires.ts';
import { SERVER } from './dhcp-lab.ts';
import { RACKS, RelayLab, UPLINK } from './relay-lab.ts';

const needs = (relay: string) => requires('root', 'netns', 'busybox', 'ss', relay);
const SUBNETS = RACKS.map(({ cidr }) => cidr).join('; ');

/** Each with the giaddr that it asks from, and what its option 82 holds. */
for (const [how, program, start, giaddr, agent] of [
  ['isc-dhcp-relay', 'dhcrelay', (lab: RelayLab) => lab.dhcrelay(), '10.77.16.1', /^$/],
  ['isc-dhcp-relay with option 82', 'dhcrelay', (lab: RelayLab) => lab.dhcrelay('-a'), '10.77.16.1', /^01/],
  [
    'isc-dhcp-relay that asks from the server’s own subnet, with link selection',
    'dhcrelay',
    (lab: RelayLab) => lab.dhcrelay('-a', '-U', 'eth0'),
    UPLINK,
    /05040a4d1[01]01/,
  ],
  ['dnsmasq', 'dnsmasq', (lab: RelayLab) => lab.dnsmasq(), '10.77.16.1', /^$/],
] as const) {
  test(
    `behind ${how} each machine gets an address of its own subnet, with its router`,
    needs(program),
    async (t) => {
      const lab = new RelayLab(t);
      const service = await lab.start('dhcp', { SUBNETS, LOG_LEVEL: 'debug' });
      await start(lab);
      const got = await Promise.all(lab.machines.map((machine) => lab.udhcpc(machine)));
      assert.deepEqual(
        got.map((told) => [told?.ip, told?.mask, told?.router, told?.serverid]),
        [
          ['10.77.16.2', '24', RACKS[0].router, SERVER],
          ['10.77.17.2', '24', RACKS[1].router, SERVER],
        ],
      );
      const log = service.log.lines.join('\n');
      assert.match(log, new RegExp(`request, xid .*giaddr ${giaddr}`));
      assert.match(/Relay Agent Information: (\w+)/.exec(log)?.[1] ?? '', agent);
    },
  );
}

test('a relayed machine renews with the server itself, through its router', needs('dhcrelay'), async (t) => {
  const lab = new RelayLab(t);
  const service = await lab.start('dhcp', { SUBNETS, LOG_LEVEL: 'debug' });
  await lab.dhcrelay();
  const client = lab.stayingClient(lab.machines[0]!);
  await client.log.until(/bound 10\.77\.16\.2 10\.77\.16\.1 10\.77\.1\.1/);
  const from = service.log.length;
  client.process.kill('SIGUSR1');
  await client.log.until(/renew 10\.77\.16\.2 10\.77\.16\.1 10\.77\.1\.1/);
  const renewal = service.log.lines.slice(from).find((line) => /request, xid/.test(line));
  assert.match(renewal ?? '', /ciaddr 10\.77\.16\.2/);
  assert.doesNotMatch(renewal ?? '', /giaddr/);
});

test(
  'a subnet of SUBNETS without a route over the adapter is told at the start, with the command that adds one',
  needs('dhcrelay'),
  async (t) => {
    const lab = new RelayLab(t);
    lab.server.ip('route', 'del', RACKS[1].cidr);
    const service = await lab.start('dhcp', { SUBNETS });
    const told = service.log.lines.filter((line) => /no route to/.test(line));
    assert.equal(told.length, 1);
    assert.match(
      told[0]!,
      /no route to 10\.77\.17\.0\/24.*ip route add 10\.77\.17\.0\/24 via ROUTER dev lan0/,
    );
  },
);

test(
  'a rack that SUBNETS leaves out is not answered, and told with its relay and the line to add',
  needs('dhcrelay'),
  async (t) => {
    const lab = new RelayLab(t);
    const service = await lab.start('dhcp', { SUBNETS: RACKS[0].cidr });
    await lab.dhcrelay();
    assert.equal(await lab.udhcpc(lab.machines[1]!, 'eth0', 3), undefined);
    const told = service.log.lines.filter((line) => /came through a relay/.test(line));
    assert.equal(told.length, 1);
    assert.match(told[0]!, /relay at 10\.77\.17\.1.*SUBNETS='.*; 10\.77\.17\.0\/24'/);
  },
);
