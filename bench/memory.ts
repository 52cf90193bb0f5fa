import { readFileSync } from 'node:fs';

/** What a process holds, in MB (10^6 bytes). */
export interface Memory {
  /** Proportional set size: pages that several processes map are shared out among them. */
  readonly pss: number;
  /** Of that, what is in no file: the process's own. */
  readonly own: number;
  /** Resident, with all that is shared. */
  readonly rss: number;
}

/** @throws Error where the process is gone. */
export function memoryOf(pid: number): Memory {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const of = (name: string) => {
    const [, kibibytes = '0'] = new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(rollup) ?? [];
    return (Number(kibibytes) * 1024) / 1e6;
  };
  return { pss: of('Pss'), own: of('Pss_Anon'), rss: of('Rss') };
}

/** Of processes that belong together. */
export function sumOf(memories: readonly Memory[]): Memory {
  const sum = (key: keyof Memory) => memories.reduce((total, memory) => total + memory[key], 0);
  return { pss: sum('pss'), own: sum('own'), rss: sum('rss') };
}
