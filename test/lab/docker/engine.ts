import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CACHE } from '../guest-system.ts';
import { isAlive } from '../leftovers.ts';
import type { Host, Outcome } from '../net.ts';

/** Short, for the sockets inside; and in the command line of all that belongs to this engine. */
const RUN = '/run/rblab-docker';
const DATA = join(CACHE, 'docker-data');
const TOOLS = join(CACHE, 'docker');
const SOCKET = `unix://${RUN}/docker.sock`;
const BRIDGE = 'rblab-docker0';

const UNPACKED = existsSync(join(TOOLS, 'complete'));

/** What requires() has to find: nothing more where `tools` has unpacked an engine, else the machine's own. */
export const ENGINE_NEEDS = UNPACKED ? ['runc'] : ['runc', 'dockerd', 'docker'];

/** Where the engine and its client are: unpacked by `tools`, or the machine's own. */
export const engineEnvironment: NodeJS.ProcessEnv = {
  ...process.env,
  DOCKER_HOST: SOCKET,
  PATH: `${TOOLS}/usr/sbin:${TOOLS}/usr/bin:${process.env.PATH}:/usr/sbin:/sbin`,
  ...(UNPACKED ? { DOCKER_CONFIG: `${TOOLS}/config` } : {}),
};

/**
 * A Docker engine of the tests' own beside any other: own data, own socket, no firewall rules. Started in a host of the
 * lab, `network_mode: host` means that host. Images stay from one start to the next.
 */
export class Engine {
  #process: ChildProcess | undefined;

  /** Without a host it runs in the machine's own network, for builds. @throws Error with the end of its log. */
  async start(host?: Host): Promise<void> {
    await this.#own();
    // Containers of a killed test would start with the engine, on whatever network it is in now.
    rmSync(join(DATA, 'containers'), { recursive: true, force: true });
    // Remembers the bridge of the last start, and refuses any other.
    rmSync(join(DATA, 'network/files/local-kv.db'), { force: true });
    await this.#launch(host);
  }

  /** Ends the engine with all its containers, and starts it again with what it knows of them. */
  async restart(host: Host): Promise<void> {
    await this.stop();
    await this.#launch(host);
  }

  async #launch(host?: Host): Promise<void> {
    const log = join(RUN, 'dockerd.log');
    const sink = openSync(log, 'w');
    const args = [
      ...['--data-root', DATA, '--exec-root', `${RUN}/exec`, '--pidfile', `${RUN}/pid`, '--host', SOCKET],
      ...['--iptables=false', '--ip6tables=false', '--bridge', host ? 'none' : bridgeBesideDocker0()],
    ];
    const options = { env: engineEnvironment, stdio: ['ignore', sink, sink] as ['ignore', number, number] };
    this.#process = host ? host.spawn('dockerd', args, options) : spawn('dockerd', args, options);
    for (let tries = 0; (await this.docker('version')).status !== 0; tries++) {
      if (tries > 300 || this.#process.exitCode !== null) {
        throw new Error(`dockerd does not answer:\n${readFileSync(log, 'utf8').slice(-3000)}`);
      }
      await sleep(100);
    }
  }

  /** One test process at a time: the engine's folders are the same for all, for the sake of its images. */
  async #own(): Promise<void> {
    mkdirSync(RUN, { recursive: true });
    const file = join(RUN, 'owner');
    for (;;) {
      const owner = existsSync(file) ? Number(readFileSync(file, 'utf8')) : process.pid;
      if (owner === process.pid || !isAlive(owner)) break;
      await sleep(1000);
    }
    writeFileSync(file, String(process.pid));
    endLeftovers();
  }

  async stop(): Promise<void> {
    const running = this.#process;
    if (running && running.exitCode === null && running.signalCode === null) {
      running.kill('SIGTERM');
      await once(running, 'exit');
    }
    endLeftovers();
  }

  /** Runs `docker ARGS` to the end. */
  docker(...args: readonly string[]): Promise<Outcome> {
    return this.run('docker', args);
  }

  /** Runs a command that talks to this engine. */
  run(
    command: string,
    args: readonly string[],
    options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
  ): Promise<Outcome> {
    const { cwd, env } = options;
    return new Promise((resolve) => {
      const settings = { ...(cwd ? { cwd } : {}), env: { ...engineEnvironment, ...env }, maxBuffer: 1 << 26 };
      execFile(command, args, settings, (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 255;
        resolve({ status, output: stdout + stderr });
      });
    });
  }
}

/** `--bridge=none` would delete another engine's docker0: give ours one of its own where there is one. */
function bridgeBesideDocker0(): string {
  if (!existsSync('/sys/class/net/docker0')) return 'none';
  execFileSync('ip', ['link', 'add', BRIDGE, 'type', 'bridge']);
  execFileSync('ip', ['addr', 'add', '192.168.255.1/24', 'dev', BRIDGE]);
  return BRIDGE;
}

/** What this engine's last start left, killed or not: containerd and its shims, the namespace's mount, the bridge. */
function endLeftovers(): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${RUN}/`))
        process.kill(Number(pid), 'SIGKILL');
    } catch {
      // Gone in the meantime.
    }
  }
  if (readFileSync('/proc/mounts', 'utf8').includes(` ${RUN}/exec/netns/default `)) {
    execFileSync('umount', [`${RUN}/exec/netns/default`]);
  }
  if (existsSync(`/sys/class/net/${BRIDGE}`)) execFileSync('ip', ['link', 'del', BRIDGE]);
  rmSync(`${RUN}/pid`, { force: true });
}
