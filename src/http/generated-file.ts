import { lstat, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AssetError } from '../assets/asset.ts';
import { removeLeftovers, writeAtomically } from '../assets/atomic-write.ts';
import { openJailed } from '../assets/jail.ts';
import { errnoOf, inWords } from '../assets/system-error.ts';
import type { GeneratedName, ServedText } from '../boot/generated.ts';
import { fingerprint, firstDifference, isUnedited } from '../boot/script-mark.ts';
import type { Sink } from '../journal/event.ts';

/** None is larger; what is, was not meant as one. */
const LARGEST = 1024 * 1024;

/**
 * Owner of a generated file of images/: writes it, keeps it up to date while nobody has edited it, and leaves it alone from then on. Where
 * it cannot be read or written, http serves the generated text from memory; tftp, which only reads the folder, does not have it then.
 */
export class GeneratedFile {
  readonly #images: string;
  readonly #name: GeneratedName;
  readonly #path: string;
  readonly #sink: Sink;
  #said = '';

  constructor(images: string, name: GeneratedName, sink: Sink) {
    this.#images = images;
    this.#name = name;
    this.#path = join(images, name);
    this.#sink = sink;
  }

  async start(): Promise<void> {
    await removeLeftovers(this.#path);
  }

  /** Brings the file in line with the generated text where it may. Never rejects. */
  async update(generated: string): Promise<ServedText> {
    const ours: ServedText = { text: generated, made: 'generated' };
    try {
      const present = await this.#read();
      if (present === generated) return ours;
      if (present !== undefined && !isUnedited(present)) {
        this.#sayEdited(present, generated);
        return { text: present, made: 'edited' };
      }
      await this.#makeFolder();
      await writeAtomically(this.#path, generated);
      this.#sink({ kind: 'http.script.written', path: this.#path, again: present !== undefined });
      this.#said = '';
    } catch (error) {
      this.#sayFromMemory(inWords(error));
    }
    return ours;
  }

  /** @throws AssetError where there is a file, but not one that could be read or replaced safely. */
  async #read(): Promise<string | undefined> {
    try {
      const { file } = await openJailed({ root: this.#images, links: 'inside' }, this.#name);
      const { handle, version } = file;
      try {
        if (version.size > LARGEST)
          throw new AssetError('unreadable', `${this.#path} is too large for a boot script`);
        return await handle.readFile('utf8');
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (error instanceof AssetError && error.code === 'not-found') return undefined;
      throw error;
    }
  }

  /** A folder of images/ is made; images/ itself is not, nor is anything written through a link. */
  async #makeFolder(): Promise<void> {
    const folder = dirname(this.#path);
    if (folder === this.#images) return;
    await mkdir(folder).catch((error: unknown) => {
      if (errnoOf(error) !== 'EEXIST') throw error;
    });
    if (!(await lstat(folder)).isDirectory()) throw new AssetError('not-a-file', `${folder} is no folder`);
  }

  #sayEdited(edited: string, generated: string): void {
    const difference = firstDifference(edited, generated);
    const key = `edited ${fingerprint(edited)} ${fingerprint(generated)}`;
    if (difference && this.#isNews(key)) {
      this.#sink({ kind: 'http.script.edited', path: this.#path, ...difference });
    }
  }

  #sayFromMemory(reason: string): void {
    if (this.#isNews(`memory ${reason}`)) {
      this.#sink({ kind: 'http.script.unwritable', path: this.#path, reason });
    }
  }

  /** It is looked at every few seconds; each state of it is said once. */
  #isNews(key: string): boolean {
    const news = key !== this.#said;
    this.#said = key;
    return news;
  }
}
