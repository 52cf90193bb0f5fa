import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requires } from '../lab/requires.ts';
import { DhcpLab } from './dhcp-lab.ts';

const STARVE = fileURLToPath(new URL('./dhcp-starve.ts', import.meta.url));
const needs = requires('root', 'netns', 'busybox');

test(
  'while thousands of machines that do not exist ask each second, with a pool of 20, a known machine and a new one get an address, and that is told once',
  needs,
  async (t) => {
    const lab = new DhcpLab(t);
    const service = await lab.start('dhcp', { LEASE_COUNT: '20' });
    const before = await lab.udhcpc();
    assert.ok(before?.ip);
    const flood = lab.client.run(process.execPath, [STARVE, 'eth0', '5000', '16'], 40);
    await service.log.until(/starvation: \d+ DISCOVERs of machines that are not known/, { seconds: 30 });
    const again = await lab.udhcpc();
    assert.equal(again?.ip, before.ip, 'the known one has its own');
    lab.client.ip('link', 'set', 'eth0', 'address', '52:54:00:99:00:01');
    const fresh = await lab.udhcpc(lab.client, 'eth0', 6);
    assert.ok(fresh?.ip && fresh.ip !== before.ip, 'the new one has one too');
    const { sent, offered } = JSON.parse((await flood).output) as { sent: number; offered: number };
    assert.ok(sent > 10_000, `${sent} sent`);
    assert.ok(offered <= 20, `${offered} made-up machines were offered an address`);
    const told = service.log.lines.filter((line) => /starvation/.test(line));
    assert.equal(told.length, 1, told.join('\n'));
    const lines = service.log.lines.length;
    assert.ok(lines < 80, `${lines} lines`);
  },
);
