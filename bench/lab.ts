import { chmodSync, rmSync } from 'node:fs';
import { temporaryFolder } from '../test/lab/leftovers.ts';
import { Lab } from '../test/lab/net.ts';
import { contenders } from './contenders/all.ts';
import type { ContenderName, Context, Level, Player, Players, Site } from './contract.ts';
import { Field } from './field.ts';
import { Images } from './images.ts';

const ROUNDS: Readonly<Record<Level, number>> = { full: 5, quick: 1, smoke: 1 };

/** What a suite works in. `close()` ends all that it has started. */
export class BenchLab implements Context {
  readonly level: Level;
  readonly rounds: number;
  images = newImages();
  readonly #lab = new Lab();
  readonly #print: (line: string) => void;
  readonly #said = new Set<string>();
  readonly #took = new Set<ContenderName>();
  #fields: Field[] = [];
  #running: Player[] = [];

  /** @throws Error where namespaces cannot be made. */
  constructor(level: Level, print: (line: string) => void, rounds?: string) {
    this.level = level;
    this.rounds = Number(rounds ?? ROUNDS[level]);
    this.#print = print;
  }

  log(line: string): void {
    this.#print(line);
  }

  field(name: string): Field {
    const field = new Field(this.#lab, name);
    this.#fields.push(field);
    return field;
  }

  async start(names: readonly ContenderName[], site: Omit<Site, 'images'>): Promise<Players> {
    const players: Player[] = [];
    for (const name of names) {
      const player = await this.#join(name, { ...site, images: this.images.folder });
      if (player) players.push(player);
    }
    this.#running.push(...players);
    const stop = () => this.#stop(players);
    return { players, stop, [Symbol.iterator]: () => players[Symbol.iterator]() };
  }

  /** A peer that is missing or does not start is left out, and said. @throws Error where ours does not start. */
  async #join(name: ContenderName, site: Site): Promise<Player | undefined> {
    const missing = contenders[name].missing();
    if (missing) {
      this.#sayOnce(`${name} is left out: ${missing}`);
      return undefined;
    }
    try {
      return await this.#startOne(name, site);
    } catch (error) {
      if (name === 'ours') throw error;
      this.#sayOnce(`${name} is left out: ${(error as Error).message}`);
      return undefined;
    }
  }

  async #startOne(name: ContenderName, site: Site): Promise<Player> {
    const field = this.field(name);
    const contender = contenders[name];
    this.#took.add(name);
    const services = site.services.filter((service) => contender.serves.includes(service));
    return { name, field, running: await contender.start(field, { ...site, services }) };
  }

  /** Who was started since the last clear(). */
  get took(): readonly ContenderName[] {
    return [...this.#took];
  }

  #sayOnce(text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    this.#print(text);
  }

  async #stop(players: readonly Player[]): Promise<void> {
    for (const { running, field } of players.filter((one) => this.#running.includes(one))) {
      await running.stop();
      await field.close();
    }
    this.#running = this.#running.filter((one) => !players.includes(one));
  }

  /** Between two suites: nothing runs any more, and there are no files. */
  async clear(): Promise<void> {
    await this.#stop(this.#running);
    this.#took.clear();
    for (const field of this.#fields.splice(0)) await field.close();
    rmSync(this.images.folder, { recursive: true, force: true });
    this.images = newImages();
  }

  async close(): Promise<void> {
    await this.clear();
    await this.#lab.close();
    rmSync(this.images.folder, { recursive: true, force: true });
  }
}

/** Everybody may read it, servers that give up root among them. */
function newImages(): Images {
  const folder = temporaryFolder('bench-images');
  chmodSync(folder, 0o755);
  return new Images(folder);
}
