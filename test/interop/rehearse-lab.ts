import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { bzImage, cpio } from '../assets/headers.ts';
import { Appliance } from '../lab/appliance.ts';
import { connect, type Host, Lab, type Outcome } from '../lab/net.ts';
import { udhcpcOnce } from './udhcpc.ts';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;

/** A line of a rehearsal's JSON. */
export interface Stage {
  readonly stage: string;
  readonly state: string;
  readonly detail: string;
  readonly remedy?: string;
  readonly command?: string;
  readonly milliseconds: number;
  readonly bytes?: number;
}

export interface Boot {
  readonly kind: string;
  readonly booted: boolean;
  readonly milliseconds: number;
  readonly stages: readonly Stage[];
}

export interface Rehearsed {
  readonly status: number;
  readonly boots: readonly Boot[];
  readonly text: string;
}

/** An appliance with a kernel and an initrd, and `rehearse` on the same host. */
export class RehearseLab {
  readonly lab = new Lab();
  readonly appliance: Appliance;
  #settings: Readonly<Record<string, string>> = {};
  #machines = 0;

  constructor() {
    this.appliance = new Appliance(this.lab);
    this.putImages();
  }

  get server(): Host {
    return this.appliance.server;
  }

  putImages(): void {
    writeFileSync(this.image('vmlinuz'), Buffer.concat([bzImage(), Buffer.alloc(2_000_000, 7)]));
    writeFileSync(this.image('initrd.img'), Buffer.concat([cpio, Buffer.alloc(5_000_000, 3)]));
  }

  image(name: string): string {
    return join(this.appliance.images, name);
  }

  /** As the services have it in .env. */
  async serve(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#settings = settings;
    await this.appliance.serve(settings);
  }

  async rehearse(...words: readonly string[]): Promise<Rehearsed> {
    const { status, output } = await this.server.run('env', [...this.#command(), ...words, '--json'], 60);
    try {
      return { status, boots: JSON.parse(output).boots ?? [], text: output };
    } catch {
      return { status, boots: [], text: output };
    }
  }

  /** As people see it. */
  print(word: string, rights: readonly string[] = []): Promise<Outcome> {
    return this.server.run('setpriv', [...rights, '--', 'env', ...this.#command(), word], 60);
  }

  /** Starts one, sends it the signal once `when` resolves, and tells how it ended. */
  async interrupt(
    words: readonly string[],
    signal: NodeJS.Signals,
    when: () => Promise<unknown>,
  ): Promise<{ status: number | null; output: string }> {
    const running = this.server.spawn('env', [...this.#command(), ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    running.stdout!.on('data', (text) => {
      output += text;
    });
    await when();
    running.kill(signal);
    const [status] = await once(running, 'close');
    return { status, output };
  }

  #command(): string[] {
    const environment = {
      ADAPTER: 'srv0',
      IMAGES_DIR: this.appliance.images,
      STATE_DIR: this.#state,
      ...this.#settings,
    };
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    return [...variables, process.execPath, MAIN, 'rehearse'];
  }

  get #state(): string {
    return join(this.appliance.images, '..', 'state');
  }

  /** Addresses that are leased at this moment, with the machines that have them. */
  bound(): { mac: string; address: number }[] {
    const database = new DatabaseSync(join(this.#state, 'leases.sqlite'), { readOnly: true });
    try {
      const rows = database.prepare("SELECT mac, address FROM lease WHERE state = 'bound'").all();
      return rows as { mac: string; address: number }[];
    } finally {
      database.close();
    }
  }

  /** A packet filter on the appliance's own host; none without rules. */
  async filter(...rules: readonly string[]): Promise<void> {
    const file = join(this.#state, '..', 'filter.nft');
    const chain = (hook: string) =>
      [
        `chain ${hook} {`,
        `type filter hook ${hook} priority 0`,
        ...rules.filter((rule) => rule.startsWith(hook)).map((rule) => rule.slice(hook.length)),
        '}',
      ].join('\n');
    const table = `table inet rehearsed {\n${chain('input')}\n${chain('output')}\n}`;
    writeFileSync(file, `table inet rehearsed {}\ndelete table inet rehearsed\n${table}\n`);
    const { status, output } = await this.server.run('nft', ['-f', file]);
    if (status !== 0) throw new Error(`nft: ${output}`);
  }

  /** A machine on the wire asks for an address, and keeps it. @returns what it printed. */
  async machine(mac: string): Promise<string> {
    const host = this.lab.host('machine');
    const port = `p-m${++this.#machines}`;
    connect({ host, adapter: 'eth0' }, { host: this.appliance.switch, adapter: port, bridge: 'br0' });
    host.ip('link', 'set', 'eth0', 'address', mac);
    const { output } = await host.run('busybox', udhcpcOnce('eth0', '/bin/true'));
    return output;
  }

  remove(name: string): void {
    rmSync(this.image(name));
  }

  async stop(): Promise<void> {
    await this.appliance.stop();
    await this.lab.close();
  }
}

/** The stage that a rehearsal of one machine failed at. */
export function failed({ boots, text, status }: Rehearsed) {
  assert.equal(status, 1, text);
  const stage = boots[0]?.stages.at(-1);
  assert.equal(stage?.state, 'fail', text);
  return { stage: stage!.stage, said: [stage!.detail, stage!.remedy, stage!.command].join('\n') };
}

export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, what);
    await sleep(100);
  }
}
