import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseIpv4 } from '../../src/protocol/ipv4.ts';
import { FleetLab } from '../../test/lab/fleet/fleet-lab.ts';
import { connect, type Host, type Lab } from '../../test/lab/net.ts';
import { SERVER } from '../../test/lab/site.ts';
import { Accounts } from './accounts.ts';
import type { Attack, Done, Order } from './attack/order.ts';

const ATTACKER = '10.88.0.126';
const KEEPER = '10.88.0.125';
const NEAR = { first: '10.88.0.128', count: 64 };
const CLIENTS = { first: '10.88.0.208', count: 40 };
/** Behind a router, which is the attacker, too. */
const FAR = { first: '10.77.0.1', count: 4000 };
/** Nobody says anything from there; one address of the served network, one behind the router. */
const SILENT = ['10.88.0.200', '10.88.0.201', '10.78.0.1', '10.78.0.9'];
const LOCAL = ['10.88.0.128/25', '10.77.0.0/16', '10.78.0.0/16'];
const POOL = { first: '10.88.0.10', count: 20 };
const EVERYONE = ['255.255.255.255', '10.88.0.255'];
const SERVER_CORE = 0;
const OTHERS_CORE = 1;
const PROGRAM = fileURLToPath(new URL('./attack/main.ts', import.meta.url));
const MEGABYTE = 1 << 20;

/** What the fleet's machines load. */
const IMAGES = { kernel: 4 * MEGABYTE, initrd: 8 * MEGABYTE };

/** An appliance on one core; machines and attackers on the other, each on a host of its own at the same switch. */
export class Field {
  readonly site: FleetLab;
  readonly attacker: Host;
  /** Asks for the services' health. */
  readonly keeper: Host;
  readonly accounts: Accounts;
  #order: Omit<Order, 'attack'> | undefined;

  readonly #real: boolean;

  /** @param real serves a kernel that virtual machines can run; otherwise files that only begin like one. */
  constructor(lab: Lab, real: boolean) {
    this.#real = real;
    this.site = new FleetLab(
      { LEASE_COUNT: '20', CMDLINE: 'console=ttyS0' },
      { lab, serverCore: SERVER_CORE, fleetCore: OTHERS_CORE, range: '10.88.0.0/27' },
    );
    this.attacker = lab.host('attacker', OTHERS_CORE);
    this.keeper = lab.host('keeper', OTHERS_CORE);
    this.accounts = new Accounts(this.site.appliance.server, 'srv0');
  }

  async start(): Promise<void> {
    const { site, attacker, keeper } = this;
    const { server } = site.appliance;
    connect(
      { host: attacker, adapter: 'atk0', address: `${ATTACKER}/24` },
      { host: site.appliance.switch, adapter: 'p-atk', bridge: 'br0' },
    );
    connect(
      { host: keeper, adapter: 'kep0', address: `${KEEPER}/24` },
      { host: site.appliance.switch, adapter: 'p-kep', bridge: 'br0' },
    );
    for (const range of LOCAL) attacker.ip('route', 'add', 'local', range, 'dev', 'atk0');
    // An attacker does not say that nobody listens.
    await attacker.run('nft', [
      'table inet quiet { chain out { type filter hook output priority 0; icmp type destination-unreachable drop; } }',
    ]);
    // Small buffers: what an attacker does not read stays with the server.
    await attacker.run('sysctl', ['-qw', 'net.ipv4.tcp_rmem=2048 4096 8192']);
    server.ip('route', 'add', 'default', 'via', ATTACKER);
    site.addLoader('undionly.kpxe');
    site.addLoader('snponly.efi');
    if (this.#real) site.appliance.addKernel();
    else site.addImages(IMAGES);
    await site.start();
    await this.accounts.open();
    const macOf = (host: Host, adapter: string) =>
      /link\/ether (\S+)/.exec(host.ip('link', 'show', 'dev', adapter))![1]!;
    this.#order = {
      ...{
        adapter: 'atk0',
        mac: macOf(attacker, 'atk0'),
        address: ATTACKER,
        near: NEAR,
        far: FAR,
        clients: CLIENTS,
      },
      ...{ silent: SILENT, server: SERVER, serverMac: macOf(server, 'srv0') },
      ...{ loader: 'undionly.kpxe', large: 'vmlinuz' },
    };
  }

  /** Begins these attacks; resolves when they are under way. */
  async attack(attacks: readonly Attack[]): Promise<Attackers> {
    return new Attackers(await Promise.all(attacks.map((attack) => this.#begin(attack))));
  }

  async #begin(attack: Attack): Promise<ChildProcess> {
    const order: Order = { ...this.#order!, attack };
    const args = [PROGRAM, JSON.stringify(order)];
    const running = this.attacker.spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let errors = '';
    running.stderr!.setEncoding('utf8').on('data', (text) => (errors += text));
    const lines = createInterface({ input: running.stdout! });
    const [line] = await Promise.race([once(lines, 'line'), once(running, 'close').then(() => [''])]);
    if (line !== 'ready') throw new Error(`an attacker that ${attack.does} did not begin: ${errors}`);
    return running;
  }

  /** An address that sends TFTP requests, and nothing after. */
  readonly isReader = (address: string): boolean =>
    address === ATTACKER || [NEAR, FAR].some((range) => isIn(range, address));

  /** Everyone, and machines of the pool, whose packets may leave before they have an address. */
  readonly mayBeTold = (address: string): boolean => EVERYONE.includes(address) || isIn(POOL, address);

  stop(): Promise<void> {
    return this.site.stop();
  }
}

function isIn({ first, count }: { first: string; count: number }, address: string): boolean {
  const place = parseIpv4(address)! - parseIpv4(first)!;
  return place >= 0 && place < count;
}

/** Attacks under way. */
export class Attackers {
  readonly #running: readonly ChildProcess[];
  readonly #begun = performance.now();

  constructor(running: readonly ChildProcess[]) {
    this.#running = running;
  }

  /** Ends them. Resolves to what they did, and for how many seconds. */
  async stop(): Promise<{ seconds: number; done: readonly Done[] }> {
    const seconds = (performance.now() - this.#begun) / 1000;
    const done = await Promise.all(
      this.#running.map(async (running) => {
        let text = '';
        running.stdout!.setEncoding('utf8').on('data', (piece) => (text += piece));
        const closed = once(running, 'close');
        running.stdin!.end();
        await closed;
        return JSON.parse(text.trim().split('\n').at(-1) ?? '') as Done;
      }),
    );
    return { seconds, done };
  }
}
