import type { BigIntStats } from 'node:fs';

/** Which content of which file: a file that was written to, or replaced, has another version. */
export interface FileVersion {
  /** Equal for equal content, as far as the file system's time stamps can tell. */
  readonly key: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

export function versionOf(stats: BigIntStats): FileVersion {
  return {
    key: `${stats.dev}-${stats.ino}-${stats.size}-${stats.mtimeNs}`,
    size: Number(stats.size),
    modified: Number(stats.mtimeNs / 1_000_000n),
  };
}
