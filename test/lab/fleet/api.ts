import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Events } from '../../../src/http/api/shapes.ts';
import type { Machine, MachineSummary } from '../../../src/journal/timeline/model.ts';
import type { Host } from '../net.ts';

/** One of the server-sent events of /events. */
export type Heard = { [K in keyof Events]: { readonly event: K; readonly data: Events[K] } }[keyof Events];

/** The appliance's API, asked by curl on a host of the lab. */
export class Api {
  readonly #host: Host;
  readonly #base: string;

  constructor(host: Host, base: string) {
    this.#host = host;
    this.#base = base;
  }

  /** @throws Error for anything but 200 and JSON, with the answer. */
  async get<T>(path: string): Promise<T> {
    const { status, output } = await this.#host.run('curl', ['-sS', '--fail-with-body', this.#base + path]);
    if (status !== 0) throw new Error(`GET ${path}: ${output}`);
    return JSON.parse(output) as T;
  }

  /** The list of all machines, by MAC. */
  async machines(): Promise<Map<string, MachineSummary>> {
    const machines = await this.get<readonly MachineSummary[]>('/api/machines');
    return new Map(machines.map((machine) => [machine.mac, machine]));
  }

  machine(mac: string): Promise<Machine> {
    return this.get<Machine>(`/api/machines/${mac}`);
  }

  /** The machine once it is so; the last that was seen of it where time runs out, for the test to say what is wrong with it. */
  async when(mac: string, isSo: (machine: Machine) => boolean, seconds = 30): Promise<Machine | undefined> {
    const deadline = performance.now() + seconds * 1000;
    let seen: Machine | undefined;
    for (;;) {
      // http may be away, or not have heard of the machine yet.
      seen = (await this.machine(mac).catch(() => undefined)) ?? seen;
      if ((seen && isSo(seen)) || performance.now() > deadline) return seen;
      await sleep(250);
    }
  }

  /** Follows /events. Resolves when the stream has begun. */
  async follow(): Promise<Following> {
    const following = new Following(this.#host, `${this.#base}/events`, () => this.machines());
    await following.begun();
    return following;
  }
}

/** A page that listens. */
export class Following {
  readonly heard: Heard[] = [];
  readonly #running: ChildProcess;
  readonly #first: Promise<void>;
  readonly #machines: () => Promise<Map<string, MachineSummary>>;

  /** @param machines asks for the list of all machines. */
  constructor(host: Host, url: string, machines: () => Promise<Map<string, MachineSummary>>) {
    this.#machines = machines;
    this.#running = host.spawn('curl', ['-sSN', url], { stdio: ['ignore', 'pipe', 'inherit'] });
    let event = 'message';
    const lines = createInterface({ input: this.#running.stdout! });
    this.#first = new Promise((resolve, reject) => {
      lines.on('line', (line) => {
        if (line.startsWith('event:')) event = line.slice(6).trim();
        if (!line.startsWith('data:')) return;
        this.heard.push({ event, data: JSON.parse(line.slice(5)) } as Heard);
        if (event === 'hello') void this.#load();
        resolve();
      });
      this.#running.on('close', () => reject(new Error(`${url} ended before anything was heard`)));
    });
  }

  /** As a page does that is greeted, anew where it had fallen behind: what is told of a machine meanwhile is newer. */
  async #load(): Promise<void> {
    const from = this.heard.length;
    const machines = await this.#machines().catch(() => new Map<string, MachineSummary>());
    for (const { event, data } of this.heard.slice(from)) if (event === 'machine') machines.delete(data.mac);
    for (const data of machines.values()) this.heard.push({ event: 'machine', data });
  }

  async begun(): Promise<void> {
    await this.#first;
  }

  /** Resolves when it is so, or when time is up: the test then says what is wrong. */
  async until(isSo: () => boolean, seconds: number): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    while (!isSo() && performance.now() < deadline) await sleep(50);
  }

  /** What was heard of a machine, in order. */
  of(mac: string): MachineSummary[] {
    return this.heard.flatMap(({ event, data }) => (event === 'machine' && data.mac === mac ? [data] : []));
  }

  async stop(): Promise<void> {
    if (this.#running.exitCode !== null || this.#running.signalCode !== null) return;
    this.#running.kill('SIGKILL');
    await once(this.#running, 'close');
  }
}
