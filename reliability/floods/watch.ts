import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Appliance } from '../../test/lab/appliance.ts';
import type { Host } from '../../test/lab/net.ts';
import { SERVER } from '../../test/lab/site.ts';

export const NAMES = ['dhcp', 'tftp', 'http'] as const;
export type Name = (typeof NAMES)[number];
export type Of<T> = Readonly<Record<Name, T>>;

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const SAMPLE_MS = 100;
const PAGE_ALIVE_MS = 500;

/** What a flood did to the services. Memory is resident, in MB (10^6 bytes). */
export interface Seen {
  readonly before: Of<number>;
  readonly peak: Of<number>;
  readonly after: Of<number>;
  /** What the log says meanwhile, and bytes of journal. */
  readonly said: Of<readonly string[]>;
  readonly journal: Of<number>;
  /** How often /healthz was asked for, and answered. */
  readonly asked: number;
  readonly answered: number;
  /** What the container's health check said, where it said no. */
  readonly unhealthy: readonly string[];
  /** Services whose process is another than before. */
  readonly gone: readonly Name[];
}

const of = <T>(get: (name: Name) => T): Of<T> => ({
  dhcp: get('dhcp'),
  tftp: get('tftp'),
  http: get('http'),
});

/** Looks after the appliance's processes from the beginning of a flood to its end. */
export class Watch {
  readonly #appliance: Appliance;
  readonly #asker: Host;
  readonly #pids: Of<number>;
  readonly #before: Of<number>;
  readonly #lines: Of<number>;
  readonly #journal: Of<number>;
  readonly #peak: Record<Name, number>;
  #asked = 0;
  #answered = 0;
  #over = false;
  readonly #sampling: Promise<unknown>;
  readonly #unhealthy: string[] = [];

  /** @param asker a host of the network that asks for /healthz. */
  constructor(appliance: Appliance, asker: Host) {
    this.#appliance = appliance;
    this.#asker = asker;
    this.#pids = of((name) => appliance.service(name).pid);
    this.#before = this.#memory();
    this.#peak = { ...this.#before };
    this.#lines = this.#logged();
    this.#journal = this.#journalled();
    this.#sampling = Promise.all([this.#sample(), this.#ask()]);
  }

  /** Runs the health checks of the containers. */
  async check(): Promise<void> {
    const { environment, server } = this.#appliance;
    const settings = Object.entries({ PATH: process.env.PATH, ...environment });
    const bare = [
      '-i',
      ...settings.map(([key, value]) => `${key}=${value}`),
      process.execPath,
      MAIN,
      'health',
    ];
    const check = async (name: Name) => {
      const { status, output } = await server.run('env', [...bare, name]);
      if (status !== 0) this.#unhealthy.push(`${name}: ${output.trim()}`);
    };
    await Promise.all(NAMES.map(check));
  }

  /** Ends the watch. `after` is what is held then. */
  async end(): Promise<Seen> {
    this.#over = true;
    await this.#sampling;
    const journal = this.#journalled();
    return {
      before: this.#before,
      peak: this.#peak,
      after: this.#memory(),
      said: of((name) => this.#appliance.service(name).log.lines.slice(this.#lines[name])),
      journal: of((name) => journal[name] - this.#journal[name]),
      asked: this.#asked,
      answered: this.#answered,
      unhealthy: this.#unhealthy,
      gone: NAMES.filter((name) => !isAlive(this.#pids[name])),
    };
  }

  async #sample(): Promise<void> {
    while (!this.#over) {
      const now = this.#memory();
      for (const name of NAMES) this.#peak[name] = Math.max(this.#peak[name], now[name]);
      await sleep(SAMPLE_MS);
    }
  }

  async #ask(): Promise<void> {
    while (!this.#over) {
      this.#asked += 1;
      const url = `http://${SERVER}/healthz`;
      const { status } = await this.#asker.run('curl', ['-sS', '-o', '/dev/null', '-m', '10', url], 15);
      if (status === 0) this.#answered += 1;
      await sleep(PAGE_ALIVE_MS);
    }
  }

  #memory(): Of<number> {
    return of((name) => residentOf(this.#pids[name]));
  }

  #logged(): Of<number> {
    return of((name) => this.#appliance.service(name).log.length);
  }

  #journalled(): Of<number> {
    const folder = this.#appliance.environment.STATE_DIR!;
    return of((name) => bytesIn(folder, name));
  }
}

/** What each service holds at this moment. */
export const memoryOf = (appliance: Appliance): Of<number> =>
  of((name) => residentOf(appliance.service(name).pid));

function residentOf(pid: number): number {
  try {
    const [, kibibytes = '0'] =
      /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return (Number(kibibytes) * 1024) / 1e6;
  } catch {
    return 0;
  }
}

function isAlive(pid: number): boolean {
  return residentOf(pid) > 0;
}

/** Of the files that belong to a service's journal. */
function bytesIn(folder: string, name: Name): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.includes('journal') && file.includes(name))
    .reduce((sum, file) => sum + sizeOf(join(folder, file)), 0);
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    // Gone since it was listed.
    return 0;
  }
}
