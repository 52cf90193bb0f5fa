import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connect, type Host, type Lab } from '../../test/lab/net.ts';
import { Service } from '../../test/lab/service.ts';
import type { Task, Told } from './machines-program.ts';

const PROGRAM = fileURLToPath(new URL('./machines-program.ts', import.meta.url));
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
export const SERVER = '10.77.1.1';

let made = 0;

/** A server whose state and images are on small file systems of their own, and machines on its adapter. */
export class Site implements AsyncDisposable {
  readonly server: Host;
  readonly folder: string;
  readonly state: string;
  readonly images: string;
  /** All that was acknowledged, by address: whoever got it. */
  readonly given = new Map<string, Set<string>>();
  readonly #settings: Record<string, string>;
  readonly #machines: Host;
  readonly #program: ChildProcess;
  readonly #waiting = new Map<number, (told: Told) => void>();
  readonly #services: Service[] = [];
  readonly #mounts: string[] = [];
  #tasks = 0;

  private constructor(lab: Lab, folder: string, settings: Record<string, string>) {
    const number = ++made;
    this.folder = join(folder, `site-${number}`);
    this.state = join(this.folder, 'state');
    this.images = join(this.folder, 'images');
    for (const one of [this.folder, this.state, this.images]) mkdirSync(one);
    this.#settings = settings;
    this.server = lab.host('server');
    const machines = lab.host('machines');
    this.#machines = machines;
    connect(
      { host: this.server, adapter: 'lan0', address: `${SERVER}/24` },
      { host: machines, adapter: 'eth0' },
    );
    this.#program = machines.spawn(process.execPath, [PROGRAM, 'eth0'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface({ input: this.#program.stdout! }).on('line', (line) => {
      const told = JSON.parse(line) as Told;
      this.#waiting.get(told.id)?.(told);
    });
  }

  static async open(lab: Lab, folder: string, settings: Record<string, string> = {}): Promise<Site> {
    const site = new Site(lab, folder, settings);
    await new Promise<Told>((resolve) => site.#waiting.set(0, resolve));
    return site;
  }

  /** Puts a file system in memory of so many bytes onto the folder. */
  mount(folder: string, size: string): void {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', folder]);
    this.#mounts.push(folder);
  }

  unmount(folder: string): void {
    execFileSync('umount', ['--lazy', folder]);
    this.#mounts.splice(this.#mounts.lastIndexOf(folder), 1);
  }

  /** Only where nobody has a file of it open for writing. */
  remount(folder: string, how: 'ro' | 'rw'): void {
    execFileSync('mount', ['-o', `remount,${how}`, folder]);
  }

  /** Puts an ext4 file system of its own onto the folder. */
  mountDisk(folder: string, size: string): void {
    const image = `${folder}.ext4`;
    execFileSync('truncate', ['-s', size, image]);
    execFileSync('mkfs.ext4', ['-q', image]);
    execFileSync('mount', ['-o', 'loop,errors=remount-ro', image, folder]);
    this.#mounts.push(folder);
  }

  /** As the kernel does where it finds an ext4 file system at fault: nothing can be written from now on. */
  abort(folder: string): void {
    execFileSync('mount', ['-o', 'remount,abort', folder]);
  }

  /** Repairs such a file system, and mounts it again. */
  repair(folder: string): void {
    const image = `${folder}.ext4`;
    execFileSync('cp', ['--sparse=always', image, `${image}-repaired`]);
    this.unmount(folder);
    // 1: faults were found and corrected.
    spawnSync('e2fsck', ['-p', '-f', `${image}-repaired`]);
    execFileSync('mount', ['-o', 'loop', `${image}-repaired`, folder]);
    this.#mounts.push(folder);
  }

  get environment(): Record<string, string> {
    return {
      ADAPTER: 'lan0',
      IMAGES_DIR: this.images,
      STATE_DIR: this.state,
      TMPDIR: this.folder,
      LOADER_MIRROR: 'http://127.0.0.1:7999/',
      ROUTER_ADVERTISEMENTS: 'off',
      ...this.#settings,
    };
  }

  begin(name = 'dhcp', settings: Record<string, string> = {}): Service {
    const service = new Service(this.server, name, { ...this.environment, ...settings });
    this.#services.push(service);
    return service;
  }

  /** Resolves when it serves. */
  async start(name = 'dhcp', settings: Record<string, string> = {}): Promise<Service> {
    const service = this.begin(name, settings);
    await service.log.until(new RegExp(`${name} (serves|answers)`), { seconds: 60 });
    return service;
  }

  /** What `main.ts health` says, and its exit status. */
  async health(name = 'dhcp'): Promise<{ status: number; output: string }> {
    const environment = Object.entries(this.environment).map(([key, value]) => `${key}=${value}`);
    return this.server.run('env', [...environment, process.execPath, MAIN, 'health', name], 30);
  }

  async does(task: Omit<Task, 'id'>): Promise<Told> {
    const id = ++this.#tasks;
    const told = new Promise<Told>((resolve) => this.#waiting.set(id, resolve));
    this.#program.stdin!.write(`${JSON.stringify({ id, ...task })}\n`);
    const { ack, ...rest } = await told;
    this.#waiting.delete(id);
    if (ack) this.given.set(ack, (this.given.get(ack) ?? new Set()).add(task.mac));
    return { ack, ...rest };
  }

  /** Machines of these numbers boot; what each got. */
  boot(numbers: readonly number[]): Promise<Told[]> {
    return Promise.all(numbers.map((number) => this.does({ mac: macOf(number), does: 'boot' })));
  }

  /** Machines renew the addresses that they were given, and speak from. */
  renew(machines: readonly (readonly [number, string])[]): Promise<Told[]> {
    for (const [, address] of machines)
      this.#machines.run('ip', ['addr', 'add', `${address}/24`, 'dev', 'eth0']);
    return Promise.all(
      machines.map(([number, address]) => this.does({ mac: macOf(number), does: 'renew', address })),
    );
  }

  /** Addresses that more than one machine was given. */
  get doubled(): string[] {
    return [...this.given].filter(([, macs]) => macs.size > 1).map(([address]) => address);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const service of this.#services) await service.stop('SIGKILL');
    this.#program.kill('SIGKILL');
    for (const folder of [...this.#mounts]) this.unmount(folder);
  }
}

export function macOf(number: number): string {
  return `52:54:07:00:${hex(number >> 8)}:${hex(number & 255)}`;
}

function hex(octet: number): string {
  return octet.toString(16).padStart(2, '0');
}

/** Numbers from one up to another, that left out. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, n) => from + n);
}

/** Asks until it is true; false where it was not for so many seconds. */
export async function comes(seconds: number, ask: () => boolean | Promise<boolean>): Promise<boolean> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    if (await ask()) return true;
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
