import type { Service } from '../../config/resolve.ts';
import { watched } from '../coverage.ts';
import type { Event } from '../event.ts';
import { type Asking, type Boot, remark } from '../timeline/boot.ts';
import type { Trouble } from '../timeline/file-news.ts';
import type { FileRecord } from '../timeline/files.ts';
import { filesOf, loadedAll } from '../timeline/loaded.ts';
import { STAGES, type Stage, type StageName } from '../timeline/model.ts';
import { silenceUntil, type View } from '../timeline/stages.ts';
import { WAITS } from './deadlines.ts';

/** A file with why it did not arrive. */
export type Failing<K extends Trouble['kind'] = Trouble['kind']> = FileRecord & {
  readonly trouble: Extract<Trouble, { kind: K }>;
};

/** What signatures ask of a boot. */
export class Facts {
  readonly boot: Boot;
  readonly stages: Readonly<Record<StageName, Stage>>;
  /** The furthest stage that was seen. */
  readonly reached: StageName;
  /** How the boot was cut short; undefined where it may still go on. */
  readonly cut: 'started over' | 'booted something else' | undefined;
  readonly #view: View;

  constructor(boot: Boot, stages: readonly Stage[], view: View) {
    this.boot = boot;
    this.#view = view;
    this.stages = Object.fromEntries(stages.map((stage) => [stage.name, stage])) as Record<StageName, Stage>;
    // Another system's address is no stage of this boot.
    const own = stages.filter(({ name }) => name !== 'system' || loadedAll(boot));
    this.reached = own.findLast(({ from }) => from !== undefined)?.name ?? 'address';
    this.cut = boot.ended ? 'started over' : boot.system ? 'booted something else' : undefined;
  }

  /** True where nothing can come any more, or nothing has come for so long that nothing will. */
  get over(): boolean {
    return this.silent(WAITS.giveUp);
  }

  /** True once nothing has come for so long, or nothing can come any more. */
  silent(wait: number): boolean {
    return this.cut !== undefined || this.#view.until - this.boot.to >= wait;
  }

  /** The same, counted from a moment. */
  past(from: number, wait: number): boolean {
    return this.cut !== undefined || this.#view.until - from >= wait;
  }

  /** True where the service was there to hear what comes next: its silence then means something. */
  listened(service: Service): boolean {
    return watched(this.#view.coverage, service, this.boot.to, silenceUntil(this.boot, this.#view));
  }

  /** The DHCP that stands at the end of what was reached: iPXE's, once that has asked. */
  get asking(): Asking | undefined {
    return this.boot.asked.ipxe ?? this.boot.asked.firmware;
  }

  get dhcpStage(): 'ipxe' | 'address' {
    return this.boot.asked.ipxe ? 'ipxe' : 'address';
  }

  /** What dhcp told about whoever asks now, firmware or iPXE; nothing that was about a system. */
  remark<K extends Event['kind']>(kind: K) {
    const found = remark(this.boot, kind);
    return found?.phase === (this.boot.asked.ipxe ? 'ipxe' : 'firmware') ? found : undefined;
  }

  /** True where it has been given an address since. */
  ackedSince(at: number): boolean {
    return (this.asking?.lastAck ?? 0) > at;
  }

  /** True where whoever asks now was told nothing at all. */
  get unanswered(): boolean {
    const { offers = 0, acks = 0, bootAnswers = 0 } = this.asking ?? {};
    return this.asking !== undefined && offers + acks + bootAnswers === 0;
  }

  /** True where the boot has come no further than the DHCP of whoever asks now. */
  get atDhcp(): boolean {
    return this.notBeyond(this.dhcpStage);
  }

  /** True where the boot has not come further than this. */
  notBeyond(stage: StageName): boolean {
    return STAGES.indexOf(this.reached) <= STAGES.indexOf(stage);
  }

  /** Told what to boot by a server that gives no addresses, and has taken an address from none. */
  get onlyOffered(): boolean {
    const { acks = 0, requests = 0 } = this.asking ?? {};
    return acks + requests === 0;
  }

  /** The file that a stage has ended with in that way, not just now, and that nothing has come after. */
  failing<K extends Trouble['kind']>(stage: StageName, ...kinds: K[]) {
    const last = filesOf(this.boot, stage).findLast(({ state }) => state === 'failed');
    if (this.stages[stage].state !== 'failed' || !this.notBeyond(stage)) return undefined;
    if (!last?.trouble || !(kinds as string[]).includes(last.trouble.kind)) return undefined;
    return this.past(last.failing!, WAITS.settle) ? (last as Failing<K>) : undefined;
  }

  /** The last file that arrived in a stage. */
  arrived(stage: StageName) {
    return filesOf(this.boot, stage).findLast(({ state }) => state === 'done');
  }
}
