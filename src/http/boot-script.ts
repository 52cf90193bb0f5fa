import { type Choice, choose } from '../assets/choose.ts';
import { type Survey, Surveyor } from '../assets/survey.ts';
import { SCRIPT_NAME } from '../boot/plan.ts';
import { bootScript } from '../boot/script.ts';
import type { Profile } from '../config/profile.ts';
import type { Sink } from '../journal/event.ts';
import { ScriptFile, type ServedScript } from './script-file.ts';

/** A kernel that is dropped into images/ shows at once to a person who looks at the log. */
const LOOK_EVERY_MS = 3_000;

/** What is in images/ but is no boot content. */
const IGNORED = [SCRIPT_NAME, 'README.md'];

/** Keeps choice and script in step with what is in images/, and says what changes. */
export class BootScript {
  readonly #profile: Profile;
  readonly #sink: Sink;
  readonly #surveyor: Surveyor;
  readonly #file: ScriptFile;
  #survey: Survey = { readable: true, found: [], unreadable: [] };
  #choice: Choice | undefined;
  #refreshing: Promise<ServedScript> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(profile: Profile, sink: Sink) {
    const { kernel, initrd = [] } = profile.boot;
    const also = kernel === undefined ? initrd : [kernel, ...initrd];
    this.#profile = profile;
    this.#sink = sink;
    this.#surveyor = new Surveyor({ folder: profile.paths.images, ignored: IGNORED, also });
    this.#file = new ScriptFile(profile.paths.images, sink);
  }

  async start(): Promise<void> {
    await this.#file.start();
    await this.current();
    this.#timer = setInterval(() => void this.current(), LOOK_EVERY_MS).unref();
  }

  /** Ends the looking; resolves when nothing more will be written. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#refreshing;
  }

  /** The script as of now. Never rejects; requests that come together share one look. */
  current(): Promise<ServedScript> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
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

  async #refresh(): Promise<ServedScript> {
    const survey = await this.#surveyor.look();
    const choice = survey.readable
      ? choose(survey.found, this.#profile.boot, survey.unreadable)
      : unreadable(survey.reason);
    this.#sayChanges(survey, choice);
    this.#survey = survey;
    this.#choice = choice;
    return this.#file.update(bootScript(this.#profile, choice));
  }

  #sayChanges(survey: Survey, choice: Choice): void {
    const problems = troubles(survey);
    if (problems.length > 0 && problems.join() !== troubles(this.#survey).join()) {
      this.#sink({ kind: 'http.images.unreadable', problems });
    }
    if (JSON.stringify(choice) === JSON.stringify(this.#choice)) return;
    if (!choice.ready) {
      this.#sink({ kind: 'http.choice.missing', reason: choice.reason, remedy: choice.remedy });
    } else {
      this.#sink({ kind: 'http.choice.ready', summary: choice.summary, notes: choice.notes });
    }
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
