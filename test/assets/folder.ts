import {
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own for a test; `using` removes it. */
export class Folder implements Disposable {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'rb-assets-')));

  /** Writes a file that looks as if it had been there for a while. */
  write(name: string, content: Uint8Array | string, ageSeconds = 60): string {
    const path = this.at(name);
    writeFileSync(path, content);
    this.age(name, ageSeconds);
    return path;
  }

  age(name: string, seconds: number): void {
    const when = Date.now() / 1000 - seconds;
    utimesSync(this.at(name), when, when);
  }

  at(name: string): string {
    return join(this.path, name);
  }

  /** How many descriptors of this process lead to its files. */
  descriptors(): number {
    return readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(this.path);
      } catch {
        return false;
      }
    }).length;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
