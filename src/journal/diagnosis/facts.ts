import type { Service } from '../../config/resolve.ts';
import { watched } from '../coverage.ts';
import type { Asking, Boot } from '../timeline/boot.ts';
import { filesOf, loadedAll } from '../timeline/loaded.ts';
import { STAGES, type Stage, type StageName } from '../timeline/model.ts';
import type { View } from '../timeline/stages.ts';
import { WAITS } from './deadlines.ts';

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

  /** True once nothing has come for so long, or nothing can come any more. */
  silent(wait: number): boolean {
    return this.cut !== undefined || this.#view.until - this.boot.to >= wait;
  }

  /** The same, counted from a moment. */
  past(from: number, wait: number): boolean {
    return this.cut !== undefined || this.#view.until - from >= wait;
  }

  /** True where the service recorded all the time from that moment on: its silence then means something. */
  watched(service: Service, from = this.boot.to): boolean {
    return watched(this.#view.coverage, service, from, Math.max(from, this.#view.until));
  }

  /** The DHCP that stands at the end of what was reached: iPXE's, once that has asked. */
  get asking(): Asking | undefined {
    return this.boot.asked.ipxe ?? this.boot.asked.firmware;
  }

  get dhcpStage(): 'ipxe' | 'address' {
    return this.boot.asked.ipxe ? 'ipxe' : 'address';
  }

  /** True where the boot has not come further than this. */
  notBeyond(stage: StageName): boolean {
    return STAGES.indexOf(this.reached) <= STAGES.indexOf(stage);
  }

  /** How soon the machine started over after its last sign of life, in milliseconds. */
  get restartedAfter(): number {
    return this.boot.ended ? this.boot.ended.at - this.boot.to : Infinity;
  }

  get restartedSoon(): boolean {
    return this.restartedAfter <= WAITS.restart;
  }

  /** The last file that arrived in a stage. */
  arrived(stage: StageName) {
    return filesOf(this.boot, stage).findLast(({ state }) => state === 'done');
  }
}
