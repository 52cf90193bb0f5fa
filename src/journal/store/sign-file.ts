import { readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** The run that began at `from` is alive at `seen`, and had written all of it by then. Milliseconds since 1970. */
export interface Sign {
  readonly from: number;
  readonly seen: number;
}

const BYTES = 16;

/** Two numbers beside the journal: sixteen bytes written in place every two seconds, where a transaction would need a thread for it. */
export class SignFile {
  readonly #file: string;
  #handle: FileHandle | undefined;

  constructor(journal: string) {
    this.#file = signFile(journal);
  }

  /** Never rejects. @returns false where it could not be written. */
  async put({ from, seen }: Sign): Promise<boolean> {
    try {
      this.#handle ??= await open(this.#file, 'w');
      await this.#handle.write(new Uint8Array(Float64Array.of(from, seen).buffer), 0, BYTES, 0);
      return true;
    } catch {
      this.close();
      return false;
    }
  }

  close(): void {
    this.#handle?.close().catch(() => undefined);
    this.#handle = undefined;
  }
}

/** The last sign beside that journal; undefined where there is none that can be read. */
export function readSign(journal: string): Sign | undefined {
  try {
    const bytes = readFileSync(signFile(journal));
    if (bytes.length < BYTES) return undefined;
    return { from: bytes.readDoubleLE(0), seen: bytes.readDoubleLE(8) };
  } catch {
    return undefined;
  }
}

function signFile(journal: string): string {
  return journal.replace(/(\.sqlite)?$/, '.sign');
}
