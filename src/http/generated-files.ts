import { dirname, join } from 'node:path';
import { type Choice, choose } from '../assets/choose.ts';
import { FolderWatch } from '../assets/folder-watch.ts';
import { type Survey, Surveyor } from '../assets/survey.ts';
import { GENERATED, type GeneratedName, generate, NO_CONTENT, type ServedText } from '../boot/generated.ts';
import { grubArguments } from '../boot/grub-arguments.ts';
import type { Profile } from '../config/profile.ts';
import type { Sink } from '../journal/event.ts';
import { GeneratedFile } from './generated-file.ts';

/** A kernel that is dropped into images/ shows at once to a person who looks at the log. */
const LOOK_EVERY_MS = 3_000;

/** A user who boots GRUB has put it there. */
const GRUB = /^grub.*\.efi$/i;

export type Served = Readonly<Record<GeneratedName, ServedText>>;

/** Who else serves these files. */
export interface Audience {
  /** The files may be others from now on. */
  changed(): void;
  /** They have been looked at. */
  looked(served: Served): void;
}

/** Keeps choice and generated files in step with what is in images/, and says what changes. */
export class GeneratedFiles {
  readonly #profile: Profile;
  readonly #sink: Sink;
  readonly #surveyor: Surveyor;
  readonly #watch: FolderWatch;
  readonly #files: readonly (readonly [GeneratedName, GeneratedFile])[];
  #survey: Survey = { readable: true, found: [], unreadable: [] };
  #choice: Choice | undefined;
  #refreshing: Promise<Served> | undefined;
  #served: Served | undefined;
  #lost = '';
  #audience: Audience | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(profile: Profile, sink: Sink) {
    const { kernel, initrd = [] } = profile.boot;
    const loaders = Object.values(profile.loaders).map(({ name }) => name);
    const also = [...(kernel === undefined ? [] : [kernel]), ...initrd, ...loaders];
    this.#profile = profile;
    this.#sink = sink;
    const folders = new Set([...GENERATED, ...also].map(dirname).filter((folder) => folder !== '.'));
    this.#watch = new FolderWatch(
      profile.paths.images,
      [...folders].map((folder) => join(profile.paths.images, folder)),
      () => this.#audience?.changed(),
    );
    this.#surveyor = new Surveyor({ folder: profile.paths.images, ignored: NO_CONTENT, also });
    this.#files = GENERATED.map(
      (name) => [name, new GeneratedFile(profile.paths.images, name, sink)] as const,
    );
  }

  /** To be told from now on. */
  set audience(audience: Audience) {
    this.#audience = audience;
  }

  async start(): Promise<void> {
    for (const [, file] of this.#files) await file.start();
    await this.current();
    this.#timer = setInterval(() => void this.current(), LOOK_EVERY_MS).unref();
  }

  /** Ends the looking; resolves when nothing more will be written. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#watch.stop();
    await this.#refreshing;
  }

  /** The files as of the last look; undefined where images/ may have changed since. What is not told of, the next look shows. */
  get latest(): Served | undefined {
    return this.#watch.changed ? undefined : this.#served;
  }

  /** The files as of now. Never rejects; requests that come together share one look. */
  current(): Promise<Served> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** What was found in images/ at the last look, and what machines boot by it. */
  get state(): { readonly survey: Survey; readonly choice: Choice | undefined } {
    return { survey: this.#survey, choice: this.#choice };
  }

  /** Names that are in images/, for hints. */
  get names(): readonly string[] {
    return this.#survey.readable ? this.#survey.found.map(({ name }) => name) : [];
  }

  /** Why machines cannot boot; empty where they can. */
  get problems(): readonly string[] {
    if (!this.#survey.readable) return [`images/ cannot be read: ${this.#survey.reason}`];
    return this.#choice?.ready === false ? [`${this.#choice.reason}: ${this.#choice.remedy}`] : [];
  }

  async #refresh(): Promise<Served> {
    // Whoever asks meanwhile waits for what is found.
    if (this.#watch.changed) this.#served = undefined;
    this.#watch.reset();
    const survey = await this.#surveyor.look();
    const choice = survey.readable
      ? choose(survey.found, this.#profile.boot, survey.unreadable)
      : unreadable(survey.reason);
    this.#sayChanges(survey, choice);
    this.#survey = survey;
    this.#choice = choice;
    const served = this.#files.map(async ([name, file]) => {
      return [name, await file.update(generate(name, this.#profile, choice))] as const;
    });
    const found = Object.fromEntries(await Promise.all(served)) as Served;
    this.#served = found;
    this.#audience?.looked(found);
    return found;
  }

  #sayChanges(survey: Survey, choice: Choice): void {
    const problems = troubles(survey);
    if (problems.length > 0 && problems.join() !== troubles(this.#survey).join()) {
      this.#sink({ kind: 'http.images.unreadable', problems });
    }
    this.#sayLost(survey);
    if (JSON.stringify(choice) === JSON.stringify(this.#choice)) return;
    if (!choice.ready) {
      this.#sink({ kind: 'http.choice.missing', reason: choice.reason, remedy: choice.remedy });
    } else {
      const { kernel, initrds, summary, notes } = choice;
      this.#sink({ kind: 'http.choice.ready', kernel, initrds, summary, notes });
    }
  }

  /** What of CMDLINE a GRUB cannot hand on, said once where there is a GRUB to be booted. */
  #sayLost(survey: Survey): void {
    if (!survey.readable || !survey.found.some(({ name }) => GRUB.test(name))) return;
    const { lost } = grubArguments(this.#profile.boot.cmdline);
    if (lost.length === 0 || lost.join() === this.#lost) return;
    this.#lost = lost.join();
    this.#sink({ kind: 'http.grub.lost', lost });
  }
}

function troubles(survey: Survey): readonly string[] {
  return survey.readable ? survey.unreadable.map(({ why }) => why) : [survey.reason];
}

function unreadable(reason: string): Choice {
  return {
    ready: false,
    reason: `the folder images/ cannot be read: ${reason}`,
    remedy: 'make it a folder that the containers may read, as compose.yaml mounts it',
  };
}
