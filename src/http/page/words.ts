import type {
  Attempt,
  BootOutcome,
  Diagnosis,
  MachineSummary,
  StageName,
  StageState,
} from '../../journal/timeline/model.ts';
import { plain } from './format.ts';
import { isStalled } from './order.ts';

/** What the model's names are called on the page. */

export const STAGE_TITLES: Record<StageName, string> = {
  address: 'DHCP',
  loader: 'Loader',
  ipxe: 'iPXE',
  script: 'Script',
  kernel: 'Kernel',
  initrd: 'Initrd',
  system: 'System',
};

/** What a machine does that is in this stage. */
export const STAGE_DOING: Record<StageName, string> = {
  address: 'Firmware asks for an address',
  loader: 'Fetches its loader',
  ipxe: 'iPXE asks for an address',
  script: 'Fetches the boot script',
  kernel: 'Fetches the kernel',
  initrd: 'Fetches the initrd',
  system: 'The system starts',
};

/** What it is at when this stage is done and the next has not begun. */
export const STAGE_AFTER: Record<StageName, string> = {
  address: 'Has an address',
  loader: 'Loader fetched; iPXE starts',
  ipxe: 'iPXE has an address',
  script: 'Has the boot script',
  kernel: 'Kernel loaded',
  initrd: 'Everything loaded; the system starts',
  system: 'The system has an address',
};

export const STATE_WORDS: Record<StageState, string> = {
  waiting: 'not yet',
  running: 'running',
  done: 'done',
  failed: 'failed',
  unknown: 'not known',
  skipped: 'not needed',
};

/** A word and a sign for each, so that colour is never needed to tell them apart. */
export const OUTCOMES: Record<
  BootOutcome | 'none' | 'stalled',
  { word: string; sign: string; help: string }
> = {
  running: { word: 'Booting', sign: '▸', help: 'It is on its way' },
  stalled: { word: 'Stalled', sign: '!', help: 'It does not get on' },
  booted: { word: 'Booted', sign: '✓', help: 'The booted system has asked for its address' },
  loaded: {
    word: 'Loaded',
    sign: '✓',
    help: 'Everything was delivered; its system has not been heard of since',
  },
  failed: { word: 'Failed', sign: '✕', help: 'It did not get to its end' },
  elsewhere: { word: 'Elsewhere', sign: '↷', help: 'It booted something else, as from its disk' },
  unknown: { word: 'Not known', sign: '?', help: 'Not all of this boot was recorded' },
  none: { word: 'Seen', sign: '·', help: 'It has an address, and has not tried to boot here' },
};

export type Shown = keyof typeof OUTCOMES;

/** An attempt's outcome as the page shows it. */
export function shownOutcome(attempt: Pick<Attempt, 'outcome' | 'diagnosis'> | undefined): Shown {
  if (!attempt) return 'none';
  return isStalled(attempt) ? 'stalled' : attempt.outcome;
}

export const CERTAINTY: Record<Diagnosis['certainty'], string> = {
  failed: 'What went wrong',
  suspect: 'Something may be wrong',
  unknown: 'Not known',
};

export function nameOf({ hostName, mac }: Pick<MachineSummary, 'hostName' | 'mac'>): string {
  return hostName ? plain(hostName) : mac;
}
