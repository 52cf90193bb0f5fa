import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MESSAGE, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { message } from '../dhcp/rig.ts';
import { connect, type Host } from '../lab/net.ts';
import { Transcript } from '../lab/transcript.ts';
import { DhcpLab } from './dhcp-lab.ts';

/** The other DHCP server, and the addresses that it gives. */
export const OTHER = { address: '10.77.1.3', first: '10.77.1.200', last: '10.77.1.250' } as const;
const FIRMWARE = fileURLToPath(new URL('./pxe-client.ts', import.meta.url));

/** What one server said to the firmware, as pxe-client.ts prints it. */
export interface Told {
  readonly message: string;
  /** "address:port" */
  readonly from: string;
  readonly server: string;
  readonly yiaddr: string;
  readonly siaddr: string;
  readonly file: string;
  readonly vendorClass: string;
}

/** A switch in place of the machine on the server's adapter, with a machine and another DHCP server on it. */
export class SharedLab extends DhcpLab {
  readonly switch: Host;
  readonly machine: Host;
  readonly other: Host;

  constructor(t: TestContext) {
    super(t);
    this.switch = this.client;
    this.switch.bridge('br0');
    this.switch.ip('link', 'set', 'eth0', 'master', 'br0');
    this.machine = this.#plug('machine');
    this.other = this.#plug('other', `${OTHER.address}/24`);
  }

  /** Starts dnsmasq as the network's own server, and resolves when it serves. */
  async dnsmasq(...args: readonly string[]): Promise<Transcript> {
    const log = new Transcript('dnsmasq');
    const quiet = ['--conf-file=/dev/null', '--port=0', '--pid-file=', '--user=root', '--log-facility=-'];
    const running = this.other.spawn(
      'dnsmasq',
      [
        ...['--keep-in-foreground', '--log-dhcp', ...quiet],
        ...['--interface=eth0', '--bind-interfaces', '--except-interface=lo', '--dhcp-authoritative'],
        `--dhcp-range=${OTHER.first},${OTHER.last},10m`,
        `--dhcp-leasefile=${join(this.folder, 'dnsmasq.leases')}`,
        ...args,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    log.follow(running.stdout, running.stderr);
    running.on('close', () => log.end());
    await log.until(/DHCP, sockets bound|DHCP, IP range/);
    return log;
  }

  /** Another program of the server's host that has the UDP port on all adapters. */
  async hold(port: number): Promise<void> {
    const hold = `import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('', ${port}))
print('held', flush=True)
sys.stdin.read()`;
    const holder = this.server.spawn('python3', ['-c', hold], { stdio: ['pipe', 'pipe', 'inherit'] });
    await new Promise((resolve) => holder.stdout!.once('data', resolve));
  }

  macOf(host: Host): string {
    return /ether ([0-9a-f:]{17})/.exec(host.ip('link', 'show', 'eth0'))?.[1] ?? '';
  }

  /** A REQUEST by which a machine chooses the other server, whether that is there or not. */
  async choosesOther(): Promise<void> {
    const options = { [OPTION.serverIdentifier]: OTHER.address, [OPTION.requestedAddress]: OTHER.first };
    const bytes = Buffer.from(message(MESSAGE.request, { options })).toString('hex');
    const say = `import socket; s=socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(1, 6, 1); s.setsockopt(1, 25, b'eth0'); s.sendto(bytes.fromhex('${bytes}'), ('255.255.255.255', 67))`;
    const { status, output } = await this.machine.run('python3', ['-c', say]);
    if (status !== 0) throw new Error(output);
  }

  /** What a machine's firmware is told: by each server to its DISCOVER, to its REQUEST of an address, and by port 4011. */
  async firmware(capture: string): Promise<Told[]> {
    const { status, output } = await this.machine.run(process.execPath, [FIRMWARE, 'eth0', capture], 30);
    if (status !== 0) throw new Error(output);
    return output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Told);
  }

  #plug(name: string, address?: string): Host {
    const host = this.lab.host(name);
    const end = { host, adapter: 'eth0', ...(address ? { address } : {}) };
    connect(end, { host: this.switch, adapter: `p-${name}`, bridge: 'br0' });
    return host;
  }
}
