import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { requires } from '../lab/requires.ts';
import { DhcpLab } from './dhcp-lab.ts';
import { udhcpcOnce } from './udhcpc.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

function main(
  args: string[],
  environment: Record<string, string> = {},
): Promise<{ status: number; output: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [MAIN, ...args],
      { env: { PATH: process.env.PATH, ...environment } },
      (error, stdout, stderr) => {
        resolve({ status: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
      },
    );
  });
}

test('every wrong variable is told at once, with the line for .env, and the process ends with status 2', async () => {
  const { status, output } = await main(['dhcp'], {
    LEASE_TIME: 'soon',
    ADDRESS_DHCP: '1.2.3',
    HTTP_PORT: '99999',
  });
  assert.equal(status, 2);
  assert.match(output, /LEASE_TIME="soon" .*In \.env: LEASE_TIME=2h\n/);
  assert.match(output, /ADDRESS_DHCP="1\.2\.3" .*In \.env: ADDRESS_DHCP=/);
  assert.match(output, /HTTP_PORT="99999" is not between 1 and 65535\. .*In \.env: HTTP_PORT=80/);
});

test('an unknown command says which ones there are', async () => {
  for (const args of [[], ['serve'], ['health'], ['health', 'dns']]) {
    const { status, output } = await main(args);
    assert.equal(status, 2);
    assert.match(output, /usage: main\.ts COMMAND/);
  }
});

test('the health of a service that does not run is a problem in words', async () => {
  const { status, output } = await main(['health', 'dhcp'], { STATE_DIR: '/nonexistent/state' });
  assert.equal(status, 1);
  assert.match(output, /dhcp is not running, or does not answer/);
});

/** Holds a port as some other server would: under a name of its own, until its input ends. */
const HOLDER = `
import socket, sys
s = socket.socket(socket.AF_INET, getattr(socket, sys.argv[1]))
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('0.0.0.0', int(sys.argv[2])))
if sys.argv[1] == 'SOCK_STREAM': s.listen()
print('held', flush=True)
sys.stdin.read()
`;

for (const [service, protocol, port] of [
  ['dhcp', 'UDP', 67],
  ['tftp', 'UDP', 69],
  ['http', 'TCP', 80],
] as const) {
  test(
    `${service} names the process that holds ${protocol} port ${port}, and starts when that has ended`,
    requires('root', 'netns', 'python3'),
    async (t) => {
      const lab = new DhcpLab(t);
      const script = join(lab.folder, 'holder.py');
      writeFileSync(script, HOLDER);
      const args = [script, protocol === 'UDP' ? 'SOCK_DGRAM' : 'SOCK_STREAM', String(port)];
      const holder = lab.server.spawn('python3', args, { stdio: ['pipe', 'pipe', 'inherit'] });
      await new Promise((resolve) => holder.stdout!.once('data', resolve));
      const running = lab.begin(service);
      const [, pid] = await running.log.until(
        new RegExp(`${protocol} port ${port} is taken by python3\\S* \\(pid (\\d+)\\); ${service} waits`),
        { seconds: 20 },
      );
      assert.equal(Number(pid), holder.pid);
      const { status, output } = await main(['health', service], lab.environment);
      assert.equal(status, 1);
      assert.match(output, new RegExp(`port ${port} is taken`));
      holder.stdin!.end();
      await running.log.until(new RegExp(`${service} serves lan0`), { seconds: 20 });
      assert.equal(running.log.lines.filter((line) => /is taken by/.test(line)).length, 1, 'told once');
    },
  );
}

test(
  'a pool that does not fit the adapter is told with a line that does, and served once the adapter fits it',
  requires('root', 'netns', 'busybox'),
  async (t) => {
    const lab = new DhcpLab(t);
    const running = lab.begin('dhcp', { START_ADDRESS: '10.50.0.10' });
    await running.log.until(
      /START_ADDRESS="10\.50\.0\.10" is outside 10\.77\.1\.0\/24.*In \.env: START_ADDRESS=10\.77\.1\.2/,
      { seconds: 20 },
    );
    lab.server.ip('addr', 'flush', 'dev', 'lan0');
    lab.server.address('lan0', '10.50.0.1/24');
    await running.log.until(/dhcp serves lan0/, { seconds: 20 });
    assert.equal((await lab.udhcpc())?.ip, '10.50.0.10');
  },
);

test(
  'leases that cannot be stored are not promised: no ACK, one error that names file and remedy, and it mends itself',
  requires('root', 'netns', 'busybox', 'mount'),
  async (t) => {
    const lab = new DhcpLab(t);
    const state = join(lab.folder, 'state');
    mkdirSync(state);
    await lab.server.run('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', state]);
    lab.atEnd(() => lab.server.run('umount', ['-l', state]));
    const running = await lab.start();
    assert.equal((await lab.udhcpc())?.ip, '10.77.1.2');
    await lab.server.run('sh', ['-c', `cat /dev/zero > ${state}/filler`]);
    // Its lease is on disk.
    assert.equal((await lab.udhcpc())?.ip, '10.77.1.2');
    // As long as the log has room, others are served as well.
    let refused = false;
    for (let machine = 2; !refused && machine < 15; machine++) {
      lab.client.ip('link', 'set', 'eth0', 'address', `52:54:00:00:77:${String(machine).padStart(2, '0')}`);
      refused = (await lab.udhcpc()) === undefined;
    }
    assert.ok(refused);
    await running.log.until(
      /leases could not be stored in .*leases\.sqlite.*(full|disk I\/O).*Free space on the disk/,
    );
    const { status, output } = await main(['health', 'dhcp'], lab.environment);
    assert.equal(status, 1);
    assert.match(output, /leases cannot be stored/);
    await lab.server.run('rm', [`${state}/filler`]);
    assert.match((await lab.udhcpc())?.ip ?? '', /^10\.77\.1\.(?!2$)/);
    // The journal looks again every few seconds.
    let health = await main(['health', 'dhcp'], lab.environment);
    for (let tries = 0; tries < 60 && health.status !== 0; tries++) {
      await sleep(500);
      health = await main(['health', 'dhcp'], lab.environment);
    }
    assert.equal(health.status, 0, health.output);
  },
);

test(
  'names from the network reach the log as text, never as lines of their own',
  requires('root', 'netns', 'busybox'),
  async (t) => {
    const lab = new DhcpLab(t);
    const running = await lab.start('dhcp', { LOG_LEVEL: 'debug' });
    const hostName = 'lab\n2026-01-01T00:00:00.000Z error forged \u001b[31m';
    await lab.client.run(
      'busybox',
      [...udhcpcOnce('eth0', '/bin/true'), '-x', `0x0c:${Buffer.from(hostName).toString('hex')}`],
      20,
    );
    await running.log.until(/DISCOVER from DHCP client "lab\\x0a2026/);
    assert.ok(!running.log.lines.some((line) => /^2026-01-01/.test(line)));
  },
);
