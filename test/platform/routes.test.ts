import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRouted, parseRoutes } from '../../src/platform/routes.ts';
import { parseIpv4, type Subnet } from '../../src/protocol/ipv4.ts';

const subnet = (address: string, prefix: number): Subnet => ({ network: parseIpv4(address)!, prefix });

/** As an x86 or arm64 kernel prints it. */
const TABLE = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
lan0	0010580A	0200580A	0003	0	0	0	00F0FFFF	0	0	0
lan0	0020580A	00000000	0000	0	0	0	00FFFFFF	0	0	0
*	0030580A	00000000	0200	0	0	0	00FFFFFF	0	0	0
`;

test('the kernel’s table is read with its adapters, subnets and masks; routes that are down or refuse are none', () => {
  assert.deepEqual(parseRoutes(TABLE, 'LE'), [
    { adapter: 'eth0', to: subnet('0.0.0.0', 0) },
    { adapter: 'eth0', to: subnet('192.0.2.0', 24) },
    { adapter: 'lan0', to: subnet('10.88.16.0', 20) },
  ]);
});

test('a subnet is routed where a route over that adapter holds all of it', () => {
  const routes = parseRoutes(TABLE, 'LE');
  assert.equal(isRouted(subnet('10.88.17.0', 24), 'lan0', routes), true);
  assert.equal(isRouted(subnet('10.88.16.0', 20), 'lan0', routes), true);
  assert.equal(isRouted(subnet('10.88.0.0', 16), 'lan0', routes), false, 'a part of it is not enough');
  assert.equal(isRouted(subnet('10.88.32.0', 24), 'lan0', routes), false);
  assert.equal(isRouted(subnet('10.77.0.0', 24), 'eth0', routes), true, 'the default route');
});
