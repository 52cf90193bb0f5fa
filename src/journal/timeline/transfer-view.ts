import { watched } from '../coverage.ts';
import type { Boot } from './boot.ts';
import type { Trouble } from './file-news.ts';
import { bytesOf, type FileRecord } from './files.ts';
import type { Transfer } from './model.ts';
import type { View } from './stages.ts';

/** The file as people see it. One whose service went away in the middle of it is unknown, unless its end was told all the same. */
export function transferOf(boot: Boot, file: FileRecord, { until, coverage }: View): Transfer {
  const { service, size, from, to, retransmissions } = file;
  const { state, note } = ending(
    boot,
    file,
    watched(coverage, service, file.seen, Math.max(file.seen, until)),
  );
  return {
    service,
    file: file.file,
    state,
    bytes: bytesOf(file),
    from,
    ...(size === undefined ? {} : { size }),
    ...(to === undefined ? {} : { to }),
    ...(retransmissions > 0 ? { retransmissions } : {}),
    ...(note === undefined ? {} : { note }),
  };
}

function ending(
  boot: Boot,
  { state, trouble, service }: FileRecord,
  isWatched: boolean,
): Pick<Transfer, 'state'> & { note?: string } {
  if (state === 'done') return { state };
  if (state === 'failed') return { state, ...(trouble ? { note: troubleText(trouble) } : {}) };
  if (state === 'unknown' || !isWatched)
    return { state: 'unknown', note: `${service} was not recording to its end` };
  return boot.ended ? { state: 'failed', note: 'the machine started over' } : { state: 'running' };
}

export function troubleText(trouble: Trouble): string {
  switch (trouble.kind) {
    case 'missing':
      return `not in images/${trouble.nearest ? `; there is ${trouble.nearest}` : ''}`;
    case 'aborted':
      return `the machine ended it: ${trouble.reason}`;
    case 'timeout':
      return 'the machine stopped answering';
    case 'refused':
    case 'cancelled':
    case 'broken':
      return trouble.reason;
  }
}
