import { type ChildProcess, execFile, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { orphansIn, ownName, removeOrphanedFolders } from './leftovers.ts';

let made = 0;

/** How a command in a host went; stdout and stderr together, as a terminal would show them. */
export interface Outcome {
  readonly status: number;
  readonly output: string;
}

function ip(...args: readonly string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** One machine of the lab: a network namespace with nothing but loopback to begin with. */
export class Host {
  readonly namespace: string;
  readonly #core: number | undefined;
  #closed = false;

  /** All that runs inside runs on that processor core, if one is named. */
  constructor(name: string, core?: number) {
    this.#core = core;
    this.namespace = ownName(`${++made}-${name}`);
    ip('netns', 'add', this.namespace);
    this.ip('link', 'set', 'lo', 'up');
  }

  /** Runs `ip ARGS` inside. */
  ip(...args: readonly string[]): string {
    return ip('-n', this.namespace, ...args);
  }

  /** A bridge that forwards at once, as a switch port with spanning tree off. */
  bridge(name: string): void {
    this.ip('link', 'add', name, 'type', 'bridge', 'stp_state', '0', 'forward_delay', '0');
    this.ip('link', 'set', name, 'up');
  }

  address(adapter: string, address: string): void {
    this.ip('addr', 'add', address, 'dev', adapter);
  }

  /** The command and arguments that run COMMAND inside (and end with this process, however it ends). */
  command(command: string, args: readonly string[]): readonly [string, string[]] {
    // Not `ip netns exec`: that mounts another /sys, in which a Docker engine finds no cgroups.
    const enter = ['nsenter', `--net=/run/netns/${this.namespace}`, '--'];
    const pin = this.#core === undefined ? [] : ['taskset', '-c', String(this.#core)];
    return ['setpriv', ['--pdeathsig', 'KILL', '--', ...enter, ...pin, command, ...args]];
  }

  spawn(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    return spawn(...this.command(command, args), options);
  }

  /** Runs to the end; a status other than 0 is a result, not an error. */
  run(command: string, args: readonly string[], seconds = 20): Promise<Outcome> {
    return new Promise((resolve) => {
      const [file, rest] = this.command(command, args);
      const options = { timeout: seconds * 1000, killSignal: 'SIGKILL', maxBuffer: 1 << 26 } as const;
      execFile(file, rest, options, (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 255;
        resolve({ status, output: stdout + stderr });
      });
    });
  }

  /** Ends all that runs inside. A second time changes nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await remove(this.namespace);
  }
}

/** A private network. `close()` ends every host of it with all that runs there. */
export class Lab {
  readonly #hosts: Host[] = [];

  /** @throws Error where namespaces cannot be made (see requires('netns')). */
  constructor() {
    removeLeftovers();
  }

  host(name: string, core?: number): Host {
    const host = new Host(name, core);
    this.#hosts.push(host);
    return host;
  }

  async close(): Promise<void> {
    for (const host of this.#hosts.splice(0)) await host.close();
  }
}

/** One end of a cable: an adapter that is made for it, plugged into a bridge of its host if one is named. */
export interface End {
  readonly host: Host;
  readonly adapter: string;
  readonly bridge?: string;
  /** `10.88.0.1/24` */
  readonly address?: string;
}

/** Lays a cable (a veth pair) between two hosts; both ends are up afterwards. */
export function connect(a: End, b: End): void {
  const [left, right] = [a.host.namespace, b.host.namespace];
  ip('link', 'add', a.adapter, 'netns', left, 'type', 'veth', 'peer', 'name', b.adapter, 'netns', right);
  for (const end of [a, b]) {
    if (end.bridge) end.host.ip('link', 'set', end.adapter, 'master', end.bridge);
    if (end.address) end.host.address(end.adapter, end.address);
    end.host.ip('link', 'set', end.adapter, 'up');
  }
}

const processesIn = (namespace: string): number[] =>
  ip('netns', 'pids', namespace).split('\n').filter(Boolean).map(Number);

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone between the list and the signal.
  }
}

async function remove(namespace: string): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    const left = processesIn(namespace);
    if (left.length === 0) break;
    left.forEach(kill);
    await sleep(20);
  }
  ip('netns', 'del', namespace);
}

/** Ends what a killed test left behind. */
function removeLeftovers(): void {
  for (const namespace of orphansIn('/run/netns')) {
    processesIn(namespace).forEach(kill);
    ip('netns', 'del', namespace);
  }
  removeOrphanedFolders();
}
