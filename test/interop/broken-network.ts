import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FleetLab } from '../lab/fleet/fleet-lab.ts';
import { connect } from '../lab/net.ts';

/** The other DHCP server, which answers only the machines that it knows. */
export const RIVAL = '10.88.0.254';

/** What stands between machines and the appliance, by the machine's MAC. */
export interface Obstacles {
  /** A firewall drops what it says to these ports. */
  readonly udp69?: readonly string[];
  readonly tcp80?: readonly string[];
  /** Large packets do not reach it, as with an MTU that is too small on the way. */
  readonly large?: readonly string[];
}

/** A fleet on a network where things are in the way. */
export class BrokenNetwork extends FleetLab {
  /** Puts a packet filter into the switch. */
  async obstruct({ udp69 = [], tcp80 = [], large = [] }: Obstacles): Promise<void> {
    const rules = [
      ...udp69.map((mac) => `ether saddr ${mac} udp dport 69 drop`),
      ...tcp80.map((mac) => `ether saddr ${mac} tcp dport 80 drop`),
      ...large.map((mac) => `ether daddr ${mac} ip protocol udp udp length > 1000 drop`),
    ];
    const chain = `chain f {\ntype filter hook forward priority 0\n${rules.join('\n')}\n}`;
    const file = join(this.appliance.images, '..', 'obstacles.nft');
    writeFileSync(file, `table bridge obstacles {\n${chain}\n}\n`);
    const { status, output } = await this.appliance.switch.run('nft', ['-f', file]);
    if (status !== 0) throw new Error(`nft: ${output}`);
  }

  /** Edits infrakit.ipxe as a user does, and resolves when it is served so. */
  async editScript(edit: (script: string) => string): Promise<void> {
    const file = join(this.appliance.images, 'infrakit.ipxe');
    writeFileSync(file, edit(readFileSync(file, 'utf8')));
    await this.appliance.service('http').log.until(/was edited by hand/);
  }

  /** A DHCP server beside ours that gives this machine an address and nothing to boot. */
  async addRival(mac: string): Promise<void> {
    const host = this.lab.host('rival');
    connect(
      { host, adapter: 'lan0', address: `${RIVAL}/24` },
      { host: this.appliance.switch, adapter: 'p-rival', bridge: 'br0' },
    );
    const running = host.spawn(
      'dnsmasq',
      [
        ...[
          '--keep-in-foreground',
          '--log-facility=-',
          '--user=root',
          '--conf-file=/dev/null',
          '--pid-file=',
        ],
        ...['--port=0', '--interface=lan0', '--bind-interfaces', '--except-interface=lo'],
        ...['--no-ping', '--leasefile-ro', '--dhcp-range=10.88.0.240,10.88.0.250,255.255.255.0,10m'],
        ...[`--dhcp-host=${mac},set:known`, '--dhcp-ignore=tag:!known'],
      ],
      { stdio: 'ignore' },
    );
    for (let tries = 0; tries < 100 && running.exitCode === null; tries++) {
      if ((await host.run('ss', ['-Hlun', 'sport = :67'])).output.trim() !== '') return;
    }
    throw new Error('dnsmasq does not listen on port 67');
  }
}
