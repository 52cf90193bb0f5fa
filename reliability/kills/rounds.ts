import { type FSWatcher, rmSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '../../test/lab/service.ts';
import type { Crowd } from './crowd.ts';
import { promises } from './facts.ts';
import { LOADERS } from './loaders.ts';
import type { Originals } from './served.ts';
import { type Name, SERVICES, type Site, serving } from './site.ts';
import { damage, parts, remains, undurable } from './state.ts';

/** What the rounds have found. */
export class Tally {
  readonly kills: Record<Name, number> = { dhcp: 0, tftp: 0, http: 0 };
  /** Kills of a process that did not serve yet. */
  early = 0;
  /** Milliseconds from a kill to serving again. */
  readonly back: number[] = [];
  promises = 0;
  databases = 0;
  files = 0;
  /** Kills in the middle of a write to images/. */
  caught = 0;
  /** Whatever must not be, in words. */
  readonly wrong = {
    starts: [] as string[],
    promises: [] as string[],
    databases: [] as string[],
    files: [] as string[],
  };
}

interface Parts {
  readonly site: Site;
  readonly crowd: Crowd;
  readonly originals: Originals;
  readonly random: () => number;
  readonly folder: string;
  readonly tally: Tally;
}

/** One process of a service. */
interface Start {
  readonly service: Service;
  /** Resolves when it serves, or never will. */
  served: Promise<void>;
  serves: boolean;
  killed: boolean;
}

/** What a log says of a start that was not smooth. */
const HINDERED = /set aside|could not|cannot|in use|holds? (it|the port)|wrong/i;
/** A kill comes at any time within so many milliseconds; of so many it does not matter whether the service serves yet. */
const WITHIN_MS = 700;
const BEFORE_IT_SERVES = 1 / 3;
/** A write to images/ is waited for so long, where one is to be hit. */
const WRITE_WITHIN_MS = 800;

const now = () => Number(process.hrtime.bigint() / 1000n) / 1000;

/** One kill -9 after the other, and a new process at once, as Docker does. */
export class Rounds {
  readonly #parts: Parts;
  readonly #starts = new Map<Name, Start>();
  #due: Name[] = [];
  #edition = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    for (const name of SERVICES) this.#begin(name, undefined);
    await this.settle();
  }

  /** Resolves when all serve, or it is told which one does not. */
  async settle(): Promise<void> {
    await Promise.all([...this.#starts.values()].map(({ served }) => served));
  }

  async round(): Promise<void> {
    const { site, crowd, random, tally, folder } = this.#parts;
    const name = this.#next();
    const start = this.#starts.get(name)!;
    if (random() > BEFORE_IT_SERVES) await start.served;
    await this.#moment(name);
    start.killed = true;
    const early = !start.serves;
    const killed = now();
    await start.service.stop('SIGKILL');
    const gone = now();
    tally.kills[name]++;
    if (early) tally.early++;
    const left = parts(site.images);
    if (left.length > 0) tally.caught++;
    this.#lookAtFiles();
    const { databases, leases } = remains(site.state, name, join(folder, 'remains'));
    this.#begin(name, killed);
    for (const database of databases) this.#lookAtDatabase(database);
    if (name !== 'dhcp') return;
    await crowd.mark();
    const promised = promises(crowd.facts, gone);
    tally.promises += promised.length;
    tally.wrong.promises.push(...undurable(leases, promised));
  }

  /** Random, and each as often as the others. */
  #next(): Name {
    if (this.#due.length === 0) this.#due = [...SERVICES];
    const { random } = this.#parts;
    return this.#due.splice(Math.floor(random() * this.#due.length), 1)[0]!;
  }

  /** Random; one time in three in the middle of a write, where the service writes to images/. */
  async #moment(name: Name): Promise<void> {
    const { site, random } = this.#parts;
    await sleep(random() * WITHIN_MS);
    if (name === 'dhcp' || random() > 1 / 3) return;
    let watcher: FSWatcher | undefined;
    await new Promise<void>((resolve) => {
      setTimeout(resolve, WRITE_WITHIN_MS).unref();
      watcher = watch(site.images, (_, file) => file?.endsWith('-part') && resolve());
    });
    watcher?.close();
  }

  #begin(name: Name, killed: number | undefined): void {
    const { site, random, tally } = this.#parts;
    // What it has to do at its start.
    if (name === 'tftp')
      for (const loader of LOADERS) if (random() < 0.4) rmSync(join(site.images, loader), { force: true });
    const settings = name === 'http' ? { CMDLINE: `console=ttyS0 edition=${++this.#edition}` } : {};
    const service = site.begin(name, settings);
    const start: Start = { service, served: Promise.resolve(), serves: false, killed: false };
    const done = () => {
      start.serves = true;
      if (killed !== undefined) tally.back.push(now() - killed);
      const hindered = service.log.lines.find((line) => HINDERED.test(line));
      if (hindered) tally.wrong.starts.push(`${name} said: ${hindered}`);
    };
    const failed = (error: Error) => {
      if (!start.killed) tally.wrong.starts.push(`${name} did not start again: ${error.message}`);
    };
    start.served = serving(name, service).then(done, failed);
    this.#starts.set(name, start);
  }

  #lookAtFiles(): void {
    const { site, originals, tally } = this.#parts;
    const { seen, wrong } = originals.halves(site.images);
    tally.files += seen;
    tally.wrong.files.push(...wrong.map((file) => `${file} in images/ is not whole`));
  }

  #lookAtDatabase(file: string): void {
    const { tally } = this.#parts;
    tally.databases++;
    const found = damage(file);
    if (found) tally.wrong.databases.push(found);
  }
}
