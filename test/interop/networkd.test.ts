import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requires } from '../lab/requires.ts';
import { DhcpLab, SERVER } from './dhcp-lab.ts';

const RUN = fileURLToPath(new URL('./networkd.sh', import.meta.url));

test(
  'systemd-networkd gets an address with router, DNS and lease, and nothing to boot',
  requires('root', 'netns', '/lib/systemd/systemd-networkd'),
  async (t) => {
    const lab = new DhcpLab(t);
    const service = await lab.start();
    const { output } = await lab.client.run('unshare', ['--mount', RUN], 30);
    for (const line of ['ADDRESS=10.77.1.2', 'NETMASK=255.255.255.0', `ROUTER=${SERVER}`, `DNS=${SERVER}`])
      assert.ok(output.split('\n').includes(line), `${line} is not in:\n${output}`);
    assert.match(output, /^LIFETIME=7200$/m);
    assert.doesNotMatch(output, /^(NEXT_SERVER|ROOT_PATH|VENDOR_SPECIFIC)=/m);
    await service.log.until(/ACK 10\.77\.1\.2 to DHCP client for 7200 s$/);
  },
);
