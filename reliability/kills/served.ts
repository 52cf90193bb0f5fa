import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GENERATED, isGenerated } from '../../src/boot/generated.ts';
import { isUnedited } from '../../src/boot/script-mark.ts';
import { goodLoaders, LOADERS, sha256 } from './loaders.ts';
import type { Load } from './loads.ts';

/** Knows what each file may hold: an edition of it, whole, and nothing else. */
export class Originals {
  readonly #good: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(kernel: Buffer) {
    this.#good = new Map([...goodLoaders(), ['vmlinuz', new Set([sha256(kernel)])]]);
  }

  /** True for what a machine took for the whole file, and was. */
  wasWhole({ file, sha256: sum, unedited }: Load): boolean {
    return isGenerated(file) ? unedited === true : this.#good.get(file)?.has(sum ?? '') === true;
  }

  /** Names in images/ that hold something else, of those that services write; and how many there were. */
  halves(images: string): { readonly seen: number; readonly wrong: readonly string[] } {
    const there = [...LOADERS, ...GENERATED].filter((name) => existsSync(join(images, name)));
    const wrong = there.filter((name) => {
      const bytes = readFileSync(join(images, name));
      return isGenerated(name) ? !isUnedited(bytes.toString()) : !this.#good.get(name)!.has(sha256(bytes));
    });
    return { seen: there.length, wrong };
  }
}
