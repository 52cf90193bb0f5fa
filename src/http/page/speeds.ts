import type { Attempt, StageName, Transfer } from '../../journal/timeline/model.ts';

/** How fast files come, told from two tellings of the same transfer. Pure. */

export interface Current {
  readonly stage: StageName;
  readonly transfer: Transfer;
}

/** The file that is on its way now: the one begun last. */
export function currentTransfer(attempt: Attempt | undefined): Current | undefined {
  let newest: Current | undefined;
  for (const stage of attempt?.stages ?? []) {
    for (const transfer of stage.transfers) {
      if (transfer.state !== 'running' || (newest && newest.transfer.from > transfer.from)) continue;
      newest = { stage: stage.name, transfer };
    }
  }
  return newest;
}

/** Bytes a second over all of its time. */
export function averageSpeed(transfer: Transfer, now: number): number | undefined {
  const took = (transfer.to ?? now) - transfer.from;
  return took > 0 && transfer.bytes > 0 ? (transfer.bytes / took) * 1000 : undefined;
}

interface Telling {
  readonly key: string;
  readonly bytes: number;
  readonly at: number;
  readonly speed: number | undefined;
}

/** How much of the last speed stays when a new one comes: steady enough to be read, quick enough to show a stall. */
const STEADINESS = 0.5;

/** Remembers the last telling of each machine's transfer. */
export class Speeds {
  readonly #tellings = new Map<string, Telling>();

  /** @returns bytes a second of the file that is on its way; undefined where there is none, or nothing to tell it from yet. */
  tell(mac: string, attempt: Attempt | undefined, now: number): number | undefined {
    const current = currentTransfer(attempt);
    if (!current) {
      this.#tellings.delete(mac);
      return undefined;
    }
    const { transfer } = current;
    const key = `${transfer.file}\n${transfer.from}`;
    const last = this.#tellings.get(mac);
    if (last?.key !== key || transfer.bytes < last.bytes) {
      const speed = averageSpeed(transfer, now);
      this.#tellings.set(mac, { key, bytes: transfer.bytes, at: now, speed });
      return speed;
    }
    if (now - last.at < 400) return last.speed;
    const fresh = ((transfer.bytes - last.bytes) / (now - last.at)) * 1000;
    const speed = last.speed === undefined ? fresh : last.speed * STEADINESS + fresh * (1 - STEADINESS);
    this.#tellings.set(mac, { key, bytes: transfer.bytes, at: now, speed });
    return speed;
  }
}
