import type { BigIntStats } from 'node:fs';

/** Which content of which file: a file that was written to, or replaced, has another version. */
export interface FileVersion {
  /** Equal for equal content, as far as the file system's time stamps can tell. */
  readonly key: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** A version as it is seen at one moment. */
export interface Stamp extends FileVersion {
  /** The key without the time of the last change, which the renaming of a file sets too. */
  readonly written: string;
  /** When it was written to, renamed or given other rights last; nobody can set that. Milliseconds since 1970. */
  readonly changed: number;
}

export function versionOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): Stamp {
  const written = `${dev}-${ino}-${size}-${mtimeNs}`;
  return {
    key: `${written}-${ctimeNs}`,
    written,
    size: Number(size),
    modified: Number(mtimeNs / 1_000_000n),
    changed: Number(ctimeNs / 1_000_000n),
  };
}
