import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Appliance } from '../appliance.ts';
import { connect, type Host, type Lab } from '../net.ts';
import { SERVER } from '../site.ts';
import { standFor } from './addresses.ts';
import type { MachinePlan, Order, Told } from './plan.ts';

const PROGRAM = fileURLToPath(new URL('./program.ts', import.meta.url));
const ADAPTER = 'eth0';
/** Hosts of the site that are none of the machines. */
const OTHERS = [SERVER, '10.88.0.253', '10.88.0.254'];

export type End = Told & { what: 'end' };

/** Simulated machines on the appliance's switch: the program that plays them, and what they have told. */
export class Fleet {
  readonly host: Host;
  readonly told: Told[] = [];
  readonly #running: ChildProcess;
  readonly #waiting = new Set<() => void>();
  #errors = '';

  private constructor(host: Host) {
    this.host = host;
    this.#running = host.spawn(process.execPath, [PROGRAM, ADAPTER], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#running.stderr!.on('data', (text) => {
      this.#errors += text;
    });
    createInterface({ input: this.#running.stdout! }).on('line', (line) => {
      this.told.push(JSON.parse(line));
      this.#wake();
    });
    this.#running.on('close', () => this.#wake());
  }

  /** Its machines may have addresses of `range`, and no one else may; all of it runs on that core, if one is named. */
  static async start(
    lab: Lab,
    appliance: Pick<Appliance, 'switch'>,
    { range = '10.88.0.0/24', core }: { range?: string | undefined; core?: number | undefined } = {},
  ): Promise<Fleet> {
    const host = lab.host('fleet', core);
    connect({ host, adapter: ADAPTER }, { host: appliance.switch, adapter: 'p-fleet', bridge: 'br0' });
    await standFor(host, ADAPTER, range, OTHERS);
    const fleet = new Fleet(host);
    await fleet.until(({ what }) => what === 'ready', 20);
    return fleet;
  }

  get pid(): number {
    return this.#running.pid!;
  }

  /** Switches the machines on, and does not wait. */
  switchOn(machines: readonly MachinePlan[], hash = false): void {
    this.#say({ order: 'switch-on', machines, hash });
  }

  /** Lets a machine go on that is held. */
  release(mac: string): void {
    this.#say({ order: 'release', mac });
  }

  /** Resolves when each of them has booted or given up, to how they ended. */
  async boot(
    machines: readonly MachinePlan[],
    options: { hash?: boolean; seconds?: number } = {},
  ): Promise<End[]> {
    const from = this.told.length;
    this.switchOn(machines, options.hash);
    return this.ended(machines, from, options.seconds);
  }

  /** How these machines ended, told since `from`; waits for them. */
  async ended(machines: readonly MachinePlan[], from = 0, seconds = 120): Promise<End[]> {
    const ends = new Map<string, End>();
    const wanted = new Set(machines.map(({ mac }) => mac));
    let at = from;
    await this.#until(() => {
      for (; at < this.told.length; at++) {
        const told = this.told[at]!;
        if (told.what === 'end' && wanted.has(told.mac)) ends.set(told.mac, told);
      }
      return ends.size === wanted.size;
    }, seconds);
    return machines.map(({ mac }) => ends.get(mac)!);
  }

  /** The first thing told since `from` that is so. */
  async until(isSo: (told: Told) => boolean, seconds = 30, from = 0): Promise<Told> {
    let at = from;
    let found: Told | undefined;
    await this.#until(() => {
      for (; at < this.told.length && !found; at++) if (isSo(this.told[at]!)) found = this.told[at];
      return found !== undefined;
    }, seconds);
    return found!;
  }

  async stop(): Promise<void> {
    if (this.#running.exitCode !== null || this.#running.signalCode !== null) return;
    this.#running.kill('SIGKILL');
    await once(this.#running, 'close');
  }

  #until(isSo: () => boolean, seconds: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (done: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        done();
      };
      const refuse = (why: string) =>
        settle(() => reject(new Error([`the fleet ${why}`, this.#errors, ...this.#last()].join('\n'))));
      const look = () => {
        if (isSo()) settle(resolve);
        else if (this.#running.exitCode !== null) refuse('program ended');
      };
      const timer = setTimeout(() => refuse(`did not come so far within ${seconds} s`), seconds * 1000);
      this.#waiting.add(look);
      look();
    });
  }

  #say(order: Order): void {
    this.#running.stdin!.write(`${JSON.stringify(order)}\n`);
  }

  #last(): string[] {
    return this.told.slice(-10).map((told) => JSON.stringify(told));
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}

/** "52:54:02:00:00:05" of machine 5; `fleet` tells those of one test from another's. */
export function macOf(number: number, fleet = 2): string {
  return [0x52, 0x54, fleet, 0, number >> 8, number & 255]
    .map((octet) => octet.toString(16).padStart(2, '0'))
    .join(':');
}
