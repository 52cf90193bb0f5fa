import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../leftovers.ts';
import type { Host, Outcome } from '../net.ts';
import { Engine } from './engine.ts';

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
const TOOLS = join(PROJECT, 'test/lab/docker');
const OFFICIAL = 'node:26-trixie-slim';
const STAND_IN = 'remoteboot-lab/node';
const LEFT_OUT = new Set(['node_modules', '.git', '.env', 'state']);

export const SERVICES = ['dhcp', 'tftp', 'http'] as const;
export type ServiceName = (typeof SERVICES)[number];
/** What runs in a container: a service, or what a profile adds. */
type Container = ServiceName | 'demo';

/** What tests change of `docker compose config`. */
export interface ComposeConfig {
  readonly services: Record<Container, { cap_add: string[] }>;
}

/** The project's compose.yaml in a copy of the project, run by an engine of its own whose host is a host of the lab. */
export class Stack {
  readonly folder = temporaryFolder('stack');
  readonly images = join(this.folder, 'images');
  readonly #engine = new Engine();

  constructor() {
    const wanted = (source: string) => {
      const path = relative(PROJECT, source);
      return !LEFT_OUT.has(path) && (!path.startsWith('images/') || path === 'images/README.md');
    };
    cpSync(PROJECT, this.folder, { recursive: true, filter: wanted });
  }

  /** Builds the image with the machine's network, and those of profiles, then starts the engine again inside the host. */
  async open(host: Host, ...profiles: readonly string[]): Promise<void> {
    await this.#engine.start();
    const npmrc = join(this.folder, '.npmrc-for-build');
    succeeded(await this.#engine.run(join(TOOLS, 'npmrc'), [npmrc]));
    const files = ['-f', 'compose.yaml', '-f', 'test/compose/compose.build.yaml'];
    const env = { BASE: await this.#base(), NPMRC: npmrc, COMPOSE_PROFILES: profiles.join() };
    const options = { cwd: this.folder, env };
    succeeded(
      await this.#engine.run('docker', ['compose', ...files, '--progress', 'plain', 'build'], options),
    );
    await this.#engine.stop();
    await this.#engine.start(host);
    await this.compose('down', '--volumes');
  }

  /** The official image; where no registry can be reached, a stand-in for it. */
  async #base(): Promise<string> {
    const has = async (image: string) => (await this.#engine.docker('image', 'inspect', image)).status === 0;
    if ((await has(OFFICIAL)) || (await this.#engine.docker('pull', OFFICIAL)).status === 0) return OFFICIAL;
    if (!(await has(STAND_IN))) succeeded(await this.#engine.run(join(TOOLS, 'base-image'), [STAND_IN]));
    return STAND_IN;
  }

  /** Runs `docker compose ARGS` as a user would, in the project's folder. */
  compose(...args: readonly string[]): Promise<Outcome> {
    return this.#engine.run('docker', ['compose', '--ansi', 'never', '--progress', 'quiet', ...args], {
      cwd: this.folder,
    });
  }

  /** `docker compose up -d --wait ARGS`. @throws Error with the services' logs where one does not become healthy. */
  async up(...args: readonly string[]): Promise<void> {
    const { status, output } = await this.compose('up', '--detach', '--wait', '--no-build', ...args);
    if (status !== 0) throw new Error(`docker compose up: ${output}\n${await this.logs()}`);
  }

  async logs(...services: readonly Container[]): Promise<string> {
    return (await this.compose('logs', ...services)).output;
  }

  /** Waits for a line of the service's log. */
  async untilLogged(service: Container, pattern: RegExp, seconds = 30): Promise<void> {
    for (const end = performance.now() + seconds * 1000; performance.now() < end; await sleep(200)) {
      if (pattern.test(await this.logs(service))) return;
    }
    throw new Error(`${service} did not log ${pattern} within ${seconds} s:\n${await this.logs(service)}`);
  }

  /** The container's id, or undefined where the service has none. */
  async id(service: Container): Promise<string | undefined> {
    return succeeded(await this.compose('ps', '--all', '--quiet', service)).trim() || undefined;
  }

  /** `docker inspect --format` of the service's container. */
  async inspect(service: Container, format: string): Promise<string> {
    const id = await this.id(service);
    return succeeded(await this.#engine.docker('inspect', '--format', format, id ?? service)).trim();
  }

  /** Waits until inspect() gives this answer. */
  async until(service: Container, format: string, answer: string, seconds = 30): Promise<void> {
    let seen = '';
    for (const end = performance.now() + seconds * 1000; performance.now() < end; await sleep(100)) {
      seen = await this.inspect(service, format);
      if (seen === answer) return;
    }
    throw new Error(
      `${service}: ${format} is ${seen} after ${seconds} s, not ${answer}\n${await this.logs(service)}`,
    );
  }

  /** compose.yaml as compose itself understands it, changed; the settings are those of now from then on. */
  async rewrite(change: (config: ComposeConfig) => void): Promise<void> {
    const config: ComposeConfig = JSON.parse(succeeded(await this.compose('config', '--format', 'json')));
    change(config);
    writeFileSync(join(this.folder, 'compose.yaml'), JSON.stringify(config));
  }

  /** The engine ends as with the host, and starts again: what is to run again it starts by itself. */
  restartEngine(host: Host): Promise<void> {
    return this.#engine.restart(host);
  }

  setEnvironment(lines: readonly string[]): void {
    writeFileSync(join(this.folder, '.env'), `${lines.join('\n')}\n`);
  }

  async close(): Promise<void> {
    await this.compose('--profile', 'demo', 'down', '--volumes', '--timeout', '3');
    await this.#engine.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The output of a command that must not fail. */
export function succeeded({ status, output }: Outcome): string {
  if (status !== 0) throw new Error(`exit status ${status}: ${output.slice(-4000)}`);
  return output;
}
