import assert from 'node:assert/strict';
import { chownSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ENGINE_NEEDS } from '../lab/docker/engine.ts';
import { type ComposeConfig, SERVICES, type ServiceName, Stack, succeeded } from '../lab/docker/stack.ts';
import { firmwareNeeds } from '../lab/firmware.ts';
import { Guest } from '../lab/guest.ts';
import { addGuestSystem } from '../lab/guest-system.ts';
import { connect, type Host, Lab } from '../lab/net.ts';
import { requires } from '../lab/requires.ts';

const needs = requires('root', 'netns', ...ENGINE_NEEDS, ...firmwareNeeds('ipxe-rom'), 'busybox');
/** Whom images/ belongs to, and so whom the services run as: neither root nor the image's own user. */
const OWNER = 4321;
const BOOT_SECONDS = 120;

/** Without each, what the service says that it cannot do. */
const LOST: Readonly<Record<string, Readonly<Partial<Record<ServiceName, RegExp>>>>> = {
  CHOWN: {
    dhcp: /leases cannot be stored in \/state\/leases\.sqlite/,
    tftp: /journal-tftp\.sqlite cannot be written/,
    http: /journal-http\.sqlite cannot be written/,
  },
  SETUID: each(/setpriv: setresuid failed/),
  SETGID: each(/setpriv: setresgid failed/),
  SETPCAP: each(/setpriv: apply bounding set/),
  NET_BIND_SERVICE: {
    dhcp: /dhcp may not open UDP port 67: .*NET_BIND_SERVICE/,
    tftp: /tftp may not open UDP port 69: .*NET_BIND_SERVICE/,
    http: /http may not open TCP port 80: .*NET_BIND_SERVICE/,
  },
  NET_ADMIN: { dhcp: /bridge remoteboot0 could not be made.*NET_ADMIN/ },
  NET_RAW: { dhcp: /IPv6 router solicitations on remoteboot0 are not answered.*NET_RAW/ },
};

function each(pattern: RegExp): Record<ServiceName, RegExp> {
  return { dhcp: pattern, tftp: pattern, http: pattern };
}

describe('containers', needs, () => {
  let lab: Lab;
  let host: Host;
  let stack: Stack;
  let compose: string;

  before(async () => {
    lab = new Lab();
    host = lab.host('docker');
    stack = new Stack();
    compose = readFileSync(join(stack.folder, 'compose.yaml'), 'utf8');
    await stack.open(host);
    addGuestSystem(stack.images);
    chownSync(stack.images, OWNER, OWNER);
  });
  after(async () => {
    await stack?.close().finally(() => lab.close());
  });
  afterEach(async () => {
    await stack.compose('down', '--volumes', '--timeout', '1');
    writeFileSync(join(stack.folder, 'compose.yaml'), compose);
    stack.setEnvironment([]);
  });

  function ownBridgeGone(): void {
    if (/remoteboot0/.test(host.ip('link'))) host.ip('link', 'del', 'remoteboot0');
  }

  async function boots(bridge: { host: Host; bridge: string }, mac: string): Promise<string> {
    const guest = new Guest({ firmware: 'ipxe-rom', mac, ...bridge });
    try {
      await guest.start();
      const [, address] = await guest.until(/BOOTLAB-OK ip=([\d.]+)\//, BOOT_SECONDS);
      return address!;
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${await stack.logs()}`);
    } finally {
      await guest.stop();
    }
  }

  test('nothing is granted but what the tests below take away', async () => {
    const granted = new Map<string, readonly string[]>();
    await stack.rewrite(({ services }) => {
      for (const service of SERVICES) granted.set(service, services[service].cap_add.toSorted());
    });
    for (const service of SERVICES) {
      const known = Object.keys(LOST).filter((capability) => LOST[capability]![service]);
      assert.deepEqual(granted.get(service), known.toSorted());
    }
  });

  test('a service says nothing of these with all of its capabilities: it runs as the owner of images/, in a root that nobody writes, under the default seccomp profile', async () => {
    await stack.up();
    for (const service of SERVICES) {
      const status = succeeded(await stack.compose('exec', service, 'cat', '/proc/1/status'));
      assert.match(status, new RegExp(`^Uid:\\s+${OWNER}\\s+${OWNER}\\s+${OWNER}\\s+${OWNER}$`, 'm'));
      assert.match(status, /^Seccomp:\s+2$/m);
      assert.equal(await stack.inspect(service, '{{.HostConfig.SecurityOpt}}'), '[no-new-privileges:true]');
      assert.equal(await stack.inspect(service, '{{.HostConfig.Privileged}}'), 'false');
      const { status: written } = await stack.compose('exec', '-u', '0', service, 'touch', '/app/written');
      assert.notEqual(written, 0);
      const log = await stack.logs(service);
      for (const lost of Object.values(LOST)) if (lost[service]) assert.doesNotMatch(log, lost[service]);
    }
  });

  for (const [capability, lost] of Object.entries(LOST)) {
    const services = SERVICES.filter((service) => lost[service]);
    test(`without ${capability} something is lost that ${services.join(', ')} had, and that is said`, async () => {
      if (services.length > 1) {
        // Where no other one of them has made it possible before.
        connect({ host, adapter: 'lan0', address: '10.88.0.1/24' }, { host: lab.host('far'), adapter: 'p0' });
        stack.setEnvironment(['ADAPTER=lan0']);
      } else ownBridgeGone();
      const without = ({ services: all }: ComposeConfig) => {
        for (const service of services)
          all[service].cap_add = all[service].cap_add.filter((name) => name !== capability);
      };
      try {
        await stack.rewrite(without);
        succeeded(await stack.compose('up', '--detach', '--no-build', ...services));
        for (const service of services) await stack.untilLogged(service, lost[service]!);
        // Tried again every 50 ms meanwhile.
        await sleep(1000);
        for (const service of services) {
          const told = (await stack.logs(service)).split('\n').filter((line) => lost[service]!.test(line));
          // setpriv ends the container, which is started again.
          assert.ok(told.length === 1 || /setpriv/.test(told[0]!), told.join('\n'));
        }
      } finally {
        if (services.length > 1) host.ip('link', 'del', 'lan0');
      }
    });
  }

  test('after a restart of the Docker engine all three run again, and a machine gets the same address', async () => {
    await stack.up();
    const lan = { host, bridge: 'remoteboot0' };
    const address = await boots(lan, '52:54:00:00:03:01');
    await stack.restartEngine(host);
    for (const service of SERVICES) await stack.until(service, '{{.State.Health.Status}}', 'healthy');
    assert.equal(await boots(lan, '52:54:00:00:03:01'), address);
  });

  test('an adapter that comes after the containers, and its address later still, is served then', async () => {
    stack.setEnvironment(['ADAPTER=late0']);
    succeeded(await stack.compose('up', '--detach', '--no-build'));
    for (const service of SERVICES) await stack.untilLogged(service, /adapter late0 .*is not on this host/);
    const far = lab.host('lan');
    far.bridge('br0');
    connect({ host, adapter: 'late0' }, { host: far, adapter: 'p0', bridge: 'br0' });
    for (const service of SERVICES) await stack.untilLogged(service, /late0 has no IPv4 address/);
    host.address('late0', '10.88.0.1/24');
    for (const service of SERVICES) await stack.until(service, '{{.State.Health.Status}}', 'healthy');
    assert.match(await boots({ host: far, bridge: 'br0' }, '52:54:00:00:03:02'), /^10\.88\.0\./);
  });
});
