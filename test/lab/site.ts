import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type Host, type Lab } from './net.ts';

/** What the appliance serves: 10.88.0.0/24, from this address. */
export const SERVER = '10.88.0.1';
/** Of the DHCP server beside it; it gives 10.88.0.200 to .250. */
export const OTHER_SERVER = '10.88.0.3';
/** The subnet behind the relay. */
export const BEHIND_RELAY = { cidr: '10.88.16.0/24', gateway: '10.88.16.1' } as const;
const ROUTER = '10.88.0.2';

/** A bridge of the switch that machines are plugged into. */
export type Segment = 'br0' | 'br1';

/** The network of a site: the appliance's host with its adapter srv0, and a switch. */
export class Site {
  readonly server: Host;
  readonly switch: Host;
  readonly #lab: Lab;
  readonly #beside: ChildProcess[] = [];

  constructor(lab: Lab) {
    this.#lab = lab;
    this.server = lab.host('server');
    this.switch = lab.host('switch');
    this.switch.bridge('br0');
    this.#plug(this.server, 'srv0', `${SERVER}/24`, 'br0');
  }

  /** Another DHCP server on br0: addresses and a router, nothing to boot. Resolves when it serves. */
  async addDhcpServer(folder: string): Promise<void> {
    const host = this.#lab.host('other');
    this.#plug(host, 'lan0', `${OTHER_SERVER}/24`, 'br0');
    const settings = [
      '--conf-file=/dev/null',
      '--port=0',
      '--no-ping',
      '--dhcp-authoritative',
      '--pid-file=',
    ];
    await this.#run(host, 'dnsmasq', [
      ...['--keep-in-foreground', '--log-facility=-', '--user=root', ...settings],
      ...['--interface=lan0', '--bind-interfaces', '--except-interface=lo'],
      ...['--dhcp-range=10.88.0.200,10.88.0.250,255.255.255.0,10m'],
      ...[
        `--dhcp-option=option:router,${OTHER_SERVER}`,
        `--dhcp-leasefile=${join(folder, 'dnsmasq.leases')}`,
      ],
    ]);
  }

  /** A router between br0 and a second segment br1, with a DHCP relay that points to the appliance. */
  async addRelay(options: { readonly option82: boolean }): Promise<void> {
    const host = this.#lab.host('router');
    this.switch.bridge('br1');
    this.#plug(host, 'up0', `${ROUTER}/24`, 'br0');
    this.#plug(host, 'down0', `${BEHIND_RELAY.gateway}/24`, 'br1');
    await host.run('sysctl', ['-qw', 'net.ipv4.ip_forward=1']);
    this.server.ip('route', 'add', BEHIND_RELAY.cidr, 'via', ROUTER);
    const agent = options.option82 ? ['-a'] : [];
    await this.#run(host, 'dhcrelay', ['-4', '-d', '-iu', 'up0', '-id', 'down0', ...agent, SERVER]);
  }

  /** Ends what runs beside the appliance; the hosts go with the lab. */
  stop(): void {
    for (const running of this.#beside.splice(0)) running.kill('SIGKILL');
  }

  #plug(host: Host, adapter: string, address: string, bridge: Segment): void {
    const port = { host: this.switch, adapter: `${host === this.server ? 'p0' : `p-${adapter}`}`, bridge };
    connect({ host, adapter, address }, port);
  }

  /** Resolves when something listens on the host's port 67. */
  async #run(host: Host, program: string, args: readonly string[]): Promise<void> {
    const running = host.spawn(program, args, { stdio: 'ignore' });
    this.#beside.push(running);
    for (let tries = 0; tries < 100; tries++) {
      if ((await host.run('ss', ['-Hlun', 'sport = :67'])).output.trim() !== '') return;
      if (running.exitCode !== null) break;
      await sleep(50);
    }
    throw new Error(`${program} does not listen on port 67`);
  }
}
