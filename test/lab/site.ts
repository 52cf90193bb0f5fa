import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type Host, type Lab } from './net.ts';

/** What the appliance serves: 10.88.0.0/24, from this address. */
export const SERVER = '10.88.0.1';
/** The subnet behind the relay. */
export const BEHIND_RELAY = { cidr: '10.88.16.0/24', gateway: '10.88.16.1' } as const;
const ROUTER = '10.88.0.253';
const OTHER_SERVER = '10.88.0.254';
/** Adapters of whoever is put around the appliance. */
const NEIGHBOURS = ['lan0', 'up0', 'down0'] as const;

/**
 * What else is there:
 * - 'other server': dnsmasq on br0, which gives 10.88.0.200 to .250 and nothing to boot;
 * - 'relay': a second segment br1 behind a router with ISC's relay; 'relay with 82' adds option 82.
 */
export type Surroundings = 'nothing' | 'other server' | 'relay' | 'relay with 82';

/** A bridge of the switch that machines are plugged into. */
export type Segment = 'br0' | 'br1';

/** The network of a site: the appliance's host with its adapter srv0, and a switch. */
export class Site {
  readonly server: Host;
  readonly switch: Host;
  readonly #lab: Lab;
  #around: { readonly host: Host; readonly running: ChildProcess } | undefined;

  /** @param core the processor core that all of the appliance runs on, if it is to be one. */
  constructor(lab: Lab, core?: number) {
    this.#lab = lab;
    this.server = lab.host('server', core);
    this.switch = lab.host('switch');
    this.switch.bridge('br0');
    this.switch.bridge('br1');
    this.#plug(this.server, 'srv0', `${SERVER}/24`, 'br0');
    this.server.ip('route', 'add', BEHIND_RELAY.cidr, 'via', ROUTER, 'dev', 'srv0');
  }

  /** Puts this around the appliance, in place of what was there. Resolves when it serves. */
  async surround(surroundings: Surroundings): Promise<void> {
    await this.clear();
    if (surroundings === 'other server') await this.#addDhcpServer();
    if (surroundings === 'relay') await this.#addRelay([]);
    if (surroundings === 'relay with 82') await this.#addRelay(['-a']);
  }

  /** Takes away what surrounds the appliance. */
  async clear(): Promise<void> {
    const { host, running } = this.#around ?? {};
    this.#around = undefined;
    if (running && running.exitCode === null) {
      running.kill('SIGKILL');
      await once(running, 'exit');
    }
    await host?.close();
    // The kernel takes a namespace's adapters away when it finds the time; the next neighbour needs these ports.
    for (const adapter of NEIGHBOURS) await this.switch.run('ip', ['link', 'delete', `p-${adapter}`]);
  }

  async #addDhcpServer(): Promise<void> {
    const host = this.#lab.host('other');
    this.#plug(host, 'lan0', `${OTHER_SERVER}/24`, 'br0');
    await this.#run(host, 'dnsmasq', [
      ...['--keep-in-foreground', '--log-facility=-', '--user=root', '--conf-file=/dev/null', '--pid-file='],
      ...['--port=0', '--interface=lan0', '--bind-interfaces', '--except-interface=lo'],
      ...['--no-ping', '--dhcp-authoritative', '--leasefile-ro'],
      '--dhcp-range=10.88.0.200,10.88.0.250,255.255.255.0,10m',
      `--dhcp-option=option:router,${OTHER_SERVER}`,
    ]);
  }

  async #addRelay(agent: readonly string[]): Promise<void> {
    const host = this.#lab.host('router');
    this.#plug(host, 'up0', `${ROUTER}/24`, 'br0');
    this.#plug(host, 'down0', `${BEHIND_RELAY.gateway}/24`, 'br1');
    await host.run('sysctl', ['-qw', 'net.ipv4.ip_forward=1']);
    await this.#run(host, 'dhcrelay', ['-4', '-d', '-iu', 'up0', '-id', 'down0', ...agent, SERVER]);
  }

  #plug(host: Host, adapter: string, address: string, bridge: Segment): void {
    connect({ host, adapter, address }, { host: this.switch, adapter: `p-${adapter}`, bridge });
  }

  /** Resolves when something listens on the host's port 67. */
  async #run(host: Host, program: string, args: readonly string[]): Promise<void> {
    const running = host.spawn(program, args, { stdio: 'ignore' });
    this.#around = { host, running };
    for (let tries = 0; tries < 100 && running.exitCode === null; tries++) {
      if ((await host.run('ss', ['-Hlun', 'sport = :67'])).output.trim() !== '') return;
      await sleep(50);
    }
    throw new Error(`${program} does not listen on port 67`);
  }
}
