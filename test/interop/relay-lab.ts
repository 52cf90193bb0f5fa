import type { ChildProcess } from 'node:child_process';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect, type Host } from '../lab/net.ts';
import { Transcript } from '../lab/transcript.ts';
import { DhcpLab, SERVER } from './dhcp-lab.ts';

const CONFIGURE = fileURLToPath(new URL('./udhcpc-configure.sh', import.meta.url));

export const UPLINK = '10.77.1.2';
/** Each a subnet of the router, with a machine on it. */
export const RACKS = [
  { adapter: 'rack0', cidr: '10.77.16.0/24', router: '10.77.16.1' },
  { adapter: 'rack1', cidr: '10.77.17.0/24', router: '10.77.17.1' },
] as const;

/** A router in place of the machine on the server's adapter, with two racks behind it and a relay of somebody else's. */
export class RelayLab extends DhcpLab {
  readonly router: Host;
  readonly machines: readonly Host[];

  constructor(t: TestContext) {
    super(t);
    this.router = this.client;
    this.router.address('eth0', `${UPLINK}/24`);
    this.machines = RACKS.map(({ adapter, cidr, router }) => {
      const machine = this.lab.host('machine');
      connect({ host: this.router, adapter, address: `${router}/24` }, { host: machine, adapter: 'eth0' });
      this.server.ip('route', 'add', cidr, 'via', UPLINK);
      return machine;
    });
  }

  /** Starts the relay; resolves when it listens. */
  async relay(program: string, args: readonly string[]): Promise<void> {
    await this.router.run('sysctl', ['-qw', 'net.ipv4.ip_forward=1']);
    const relay = this.router.spawn(program, args, { stdio: 'ignore' });
    for (let tries = 0; tries < 100; tries++) {
      if ((await this.router.run('ss', ['-Hlun', 'sport = :67'])).output.trim() !== '') return;
      if (relay.exitCode !== null) break;
      await sleep(50);
    }
    throw new Error(`${program} does not listen on port 67`);
  }

  dhcrelay(...args: readonly string[]): Promise<void> {
    const racks = RACKS.flatMap(({ adapter }) => ['-id', adapter]);
    return this.relay('dhcrelay', ['-4', '-d', '--no-pid', '-iu', 'eth0', ...racks, ...args, SERVER]);
  }

  /** dnsmasq as nothing but a relay. */
  dnsmasq(): Promise<void> {
    const relays = RACKS.map(({ router }) => `--dhcp-relay=${router},${SERVER}`);
    const quiet = ['--conf-file=/dev/null', '--port=0', '--pid-file=', '--user=root', '--log-facility=-'];
    return this.relay('dnsmasq', ['--keep-in-foreground', ...quiet, ...relays]);
  }

  /** udhcpc that stays, and sets its machine's address and route: SIGUSR1 makes it renew. */
  stayingClient(machine: Host): { process: ChildProcess; log: Transcript } {
    const process = machine.spawn('busybox', ['udhcpc', '-i', 'eth0', '-f', '-T', '1', '-s', CONFIGURE], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = new Transcript('udhcpc');
    log.follow(process.stdout, process.stderr);
    return { process, log };
  }
}
