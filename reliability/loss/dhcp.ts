import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ContenderName } from '../../bench/contract.ts';
import { SERVER } from '../../bench/field.ts';
import type { Images } from '../../bench/images.ts';
import { standFor } from '../../test/lab/fleet/addresses.ts';
import { connect, type Host } from '../../test/lab/net.ts';
import { Transcript } from '../../test/lab/transcript.ts';
import type { Context, Finding } from '../contract.ts';
import { type BadField, startBadly } from './bad-field.ts';
import { compare, type Fared } from './compare.ts';
import type { DhcpResult } from './dhcp-machines.ts';
import { EXTENTS, type Extent, patienceWith, type Scenario } from './scenarios.ts';

const PROGRAM = fileURLToPath(new URL('./dhcp-machines.ts', import.meta.url));
const TELL = fileURLToPath(new URL('../../test/interop/udhcpc-tell.sh', import.meta.url));
const POOL = '10.16.0.0/12';

/** A foreign DHCP client on the adapter eth0 of a host, which asks until it has an address. */
interface Client {
  readonly name: string;
  command(host: Host, folder: string, seconds: number): readonly [string, string[]];
  readonly got: RegExp;
}

const CLIENTS: readonly Client[] = [
  {
    name: 'udhcpc',
    command: () => [
      'busybox',
      ['udhcpc', '-i', 'eth0', '-q', '-f', '-t', '5', '-T', '1', '-A', '1', '-s', TELL],
    ],
    got: /^got ip=(10\.16\.\d+\.\d+)$/m,
  },
  {
    name: 'dhclient',
    command(host, folder, seconds) {
      const file = (name: string) => join(folder, `${host.namespace}.${name}`);
      writeFileSync(file('conf'), `timeout ${seconds};\n`);
      const files = ['-cf', file('conf'), '-lf', file('leases'), '-pf', file('pid')];
      return ['dhclient', ['-4', '-1', '-d', '-v', '--no-pid', '-sf', '/bin/true', ...files, 'eth0']];
    },
    got: /bound to (10\.16\.\d+\.\d+)/,
  },
];

interface Asking {
  readonly name: ContenderName;
  readonly bad: BadField;
  readonly extent: Extent;
  readonly context: Context;
}

/** Machines and foreign clients that get an address from each server, over one kind of bad network. */
export async function dhcpOver(scenario: Scenario, context: Context, images: Images): Promise<Finding[]> {
  const extent = EXTENTS[context.level];
  const site = { services: ['dhcp'], images: images.folder } as const;
  const started = await Promise.all(
    extent.dhcp.map(async (name) => {
      const bad = await startBadly(context.lab, name, scenario, 'with a switch', site, context.log);
      return bad ? [{ name, bad, extent, context }] : [];
    }),
  );
  const asking = started.flat();
  try {
    const crowds = await Promise.all(asking.map(simulated));
    const claim = `DHCP, ${scenario.name}: ${extent.asking} machines get an address each, median time`;
    return [
      compare(`dhcp-${scenario.id}`, claim, crowds, extent.times === 'judged' ? 'soon' : 'all'),
      ...(await Promise.all(CLIENTS.map((client) => foreignClient(scenario, asking, client)))),
    ];
  } finally {
    await Promise.all(asking.map(({ bad }) => bad.running.stop()));
  }
}

function plug({ bad, context }: Asking, name: string): Host {
  const host = context.lab.host(name);
  const port = `p${name}`.slice(0, 15);
  connect({ host, adapter: 'eth0' }, { host: bad.field.client, adapter: port, bridge: 'br0' });
  return host;
}

async function simulated(asking: Asking): Promise<Fared> {
  const { asking: machines } = asking.extent;
  const within = patienceWith(asking.name, asking.extent);
  const host = plug(asking, 'crowd');
  await standFor(host, 'eth0', POOL, [SERVER]);
  const args = [PROGRAM, 'eth0', String(machines), String(within)];
  const { output } = await host.run(process.execPath, args, within + 20);
  const { seconds, addresses } = JSON.parse(output.trim().split('\n').at(-1) ?? '') as DhcpResult;
  const twice = addresses.length - new Set(addresses).size;
  return { server: asking.name, seconds, of: machines, corrupt: twice };
}

async function foreignClient(
  scenario: Scenario,
  asking: readonly Asking[],
  client: Client,
): Promise<Finding> {
  const fared = await Promise.all(asking.map((one) => foreign(one, client)));
  const claim = `DHCP, ${scenario.name}: ${client.name} gets an address`;
  return compare(`dhcp-${scenario.id}-${client.name}`, claim, fared, 'all');
}

async function foreign(asking: Asking, client: Client): Promise<Fared> {
  const { foreign: times } = asking.extent;
  const within = patienceWith(asking.name, asking.extent);
  const seconds: number[] = [];
  const problems: string[] = [];
  const ask = async (number: number) => {
    const host = plug(asking, `${client.name}${number}`);
    const transcript = new Transcript(client.name);
    const begun = performance.now();
    const running = host.spawn(...client.command(host, asking.context.folder, within), {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    transcript.follow(running.stdout, running.stderr);
    running.once('close', () => transcript.end());
    try {
      await transcript.until(client.got, { seconds: within });
      seconds.push((performance.now() - begun) / 1000);
    } catch (error) {
      problems.push((error as Error).message.slice(-200));
    }
    running.kill('SIGKILL');
  };
  await Promise.all(Array.from({ length: times }, (_, number) => ask(number)));
  return {
    server: asking.name,
    seconds,
    of: times,
    corrupt: 0,
    ...(problems[0] && { problem: problems[0] }),
  };
}
