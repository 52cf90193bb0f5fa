import { AUTOEXEC_NAME } from '../../boot/autoexec.ts';
import { type Coverage, watched } from '../coverage.ts';
import type { Asking, Boot } from './boot.ts';
import { isScript } from './file-stage.ts';
import { bytesOf, type FileRecord } from './files.ts';
import { filesOf, loadedAll } from './loaded.ts';
import { STAGES, type Stage, type StageName, type Transfer } from './model.ts';
import { serviceOf } from './services.ts';
import { handedTo } from './surroundings.ts';
import { transferOf } from './transfer-view.ts';

/** Until when a boot is looked at, and who was recording by then. */
export interface View {
  /** Milliseconds since 1970: now, or when the machine began its next attempt. */
  readonly until: number;
  readonly coverage: Coverage;
}

type Draft = Omit<Stage, 'name'>;

/** The stages of a boot as far as they are known, all of them, in their order. */
export function stagesOf(boot: Boot, view: View): Stage[] {
  const drafts = STAGES.map((name) => ({ name, ...DRAFTS[name](boot, view) }));
  const reached = drafts.findLastIndex(({ state }) => state !== 'waiting');
  return drafts.map((stage, index) => {
    if (index === reached) return stage;
    if (index > reached) return ahead(boot, stage, view);
    const next = drafts.find(({ from }, later) => later > index && from !== undefined);
    return passed(boot, stage, { ...view, until: next?.from ?? boot.to });
  });
}

/** What has not come by then, with its service listening, has not come: that it went away later does not matter. */
const LISTENED_MS = 120_000;

/** Up to when the silence after the last sign of life counts. */
export function silenceUntil({ to }: Boot, { until }: View): number {
  return Math.max(to, Math.min(until, to + LISTENED_MS));
}

const WAITING: Draft = { state: 'waiting', transfers: [] };

const DRAFTS: Record<StageName, (boot: Boot, view: View) => Draft> = {
  address: ({ asked }) => dhcpDraft(asked.firmware),
  loader: fileDraft('loader'),
  ipxe: ({ asked }) => dhcpDraft(asked.ipxe),
  script: fileDraft('script'),
  kernel: fileDraft('kernel'),
  initrd: fileDraft('initrd'),
  system: ({ system }) => {
    if (!system) return WAITING;
    const note = system.address === undefined ? {} : { note: system.address };
    return { state: 'done', from: system.at, to: system.ackAt ?? system.at, transfers: [], ...note };
  },
};

function dhcpDraft(asking: Asking | undefined): Draft {
  if (!asking) return WAITING;
  const { from, lastAck, address, server } = asking;
  if (lastAck === undefined) return { state: 'running', from, transfers: [] };
  const note = server ? `${address}, from ${server}` : address!;
  return { state: 'done', from, to: lastAck, transfers: [], note };
}

function fileDraft(name: StageName): (boot: Boot, view: View) => Draft {
  return (boot, view) => {
    const files = filesOf(boot, name);
    const last = files.reduce<FileRecord | undefined>((a, b) => (a && a.seen > b.seen ? a : b), undefined);
    if (!last) return WAITING;
    const transfers = files.map((file) => transferOf(boot, file, view));
    if (name === 'script' && isAhead(boot, files)) return { ...WAITING, transfers };
    const state = stateOf(name, transfers, transfers[files.indexOf(last)]!);
    const ends = files.flatMap(({ to }) => to ?? []);
    const sizes = files.flatMap(({ size }) => size ?? []);
    return {
      state,
      from: Math.max(boot.from, Math.min(...files.map(({ begun }) => begun))),
      ...(state !== 'running' && ends.length > 0 ? { to: Math.max(...ends) } : {}),
      bytes: files.reduce((sum, file) => sum + bytesOf(file), 0),
      ...(sizes.length > 0 ? { size: sizes.reduce((sum, size) => sum + size, 0) } : {}),
      transfers,
    };
  };
}

/** UEFI builds of iPXE ask for autoexec.ipxe before they ask for an address: that is not the script yet. */
function isAhead({ asked }: Boot, files: readonly FileRecord[]): boolean {
  return !asked.ipxe && files.every(({ file }) => file === AUTOEXEC_NAME);
}

function stateOf(name: StageName, transfers: readonly Transfer[], last: Transfer): Stage['state'] {
  if (transfers.some(({ state }) => state === 'running')) return 'running';
  // autoexec.ipxe and others like it only lead to the script.
  const isDone = name !== 'script' || transfers.some(({ file, state }) => isScript(file) && state === 'done');
  return last.state === 'done' && !isDone ? 'running' : last.state;
}

/** A stage with a later one reached: what was not seen of it was not there, or nobody looked. */
function passed(boot: Boot, stage: Stage, view: View): Stage {
  if (stage.state === 'running' && stage.transfers.length === 0)
    return {
      ...stage,
      state: 'unknown',
      note: 'its address is from elsewhere, or the answer was not recorded',
    };
  if (stage.state !== 'waiting') return stage;
  if (isNotOnItsWay(boot, stage.name)) return { ...stage, state: 'skipped' };
  return unseen(boot, stage, boot.from, view) ?? { ...stage, state: 'skipped' };
}

/** A stage that is still to come: waited for, unless those who would see it are not there. */
function ahead(boot: Boot, stage: Stage, view: View): Stage {
  if (isNotOnItsWay(boot, stage.name)) return { ...stage, state: 'skipped' };
  return unseen(boot, stage, boot.to, { ...view, until: silenceUntil(boot, view) }) ?? stage;
}

function unseen(boot: Boot, stage: Stage, from: number, { until, coverage }: View): Stage | undefined {
  const service = serviceOf(boot, stage.name);
  const other = handedTo(boot.around, service);
  if (other) return { ...stage, state: 'unknown', note: `served by ${other}: not seen here` };
  if (watched(coverage, service, from, Math.max(from, until))) return undefined;
  return { ...stage, state: 'unknown', note: `${service} was not recording` };
}

function isNotOnItsWay(boot: Boot, stage: StageName): boolean {
  if (boot.firmware === 'ipxe' && boot.asked.ipxe) return stage === 'address' || stage === 'loader';
  if (boot.firmware === 'raspberry-pi') return stage === 'ipxe' || stage === 'script';
  const { choice } = boot.around;
  const withoutInitrd = choice?.kind === 'http.choice.ready' && choice.initrds.length === 0;
  return stage === 'initrd' && withoutInitrd && !boot.script?.edited && loadedAll(boot);
}
