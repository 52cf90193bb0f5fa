import { type Limits, MachineRecord } from './machine-record.ts';

/** An attempt that has been quiet for longer is judged for good: every deadline is shorter. */
const SETTLED_AFTER_MS = 15 * 60_000;
/** Steps that are kept of all machines together, for each machine that may be kept: most have a few, and none can have all. */
const STEPS_EACH = 40;
/** Of the machines: so many may be such as never got an address or a file. Whoever makes up machines shall not push real ones out. */
const MOST_STRANGERS = 1 / 5;

/** The machines that are kept: as many as there may be, the least recently seen go first, and strangers before the others. */
export class Machines {
  readonly #limits: Limits;
  /** The least recently seen first. */
  readonly #byMac = new Map<string, MachineRecord>();
  /** Those whose newest attempt may be judged otherwise as time goes by. */
  readonly #open = new Set<MachineRecord>();
  /** Those that had got nothing when they were looked at last, the least recently seen first. */
  readonly #strangers = new Set<MachineRecord>();
  #steps = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get(mac: string): MachineRecord | undefined {
    return this.#byMac.get(mac);
  }

  /** The machine, which has just been heard of. */
  meet(mac: string, at: number): MachineRecord {
    const machine = this.#byMac.get(mac) ?? new MachineRecord(mac);
    machine.seen = Math.max(machine.seen, at);
    this.#byMac.delete(mac);
    this.#byMac.set(mac, machine);
    this.#strangers.delete(machine);
    if (isStranger(machine)) this.#strangers.add(machine);
    this.touch(machine);
    this.#forget();
    return machine;
  }

  /** Has it judged. */
  touch(machine: MachineRecord): void {
    this.#open.add(machine);
  }

  /** Its steps have become more, or fewer. */
  keptSteps(machine: MachineRecord, change: number): void {
    this.#steps += change;
    this.touch(machine);
    this.#forget();
  }

  /** Those to be judged now; the others are as they were. */
  due(now: number): MachineRecord[] {
    for (const machine of this.#open) {
      const { newest, attempts } = machine;
      const isStale = machine.shown === '' || attempts.some(({ stale }) => stale);
      if (!isStale && (!newest || now - newest.boot.to > SETTLED_AFTER_MS)) this.#open.delete(machine);
    }
    return [...this.#open];
  }

  /** The last seen first. */
  all(): MachineRecord[] {
    return [...this.#byMac.values()].reverse();
  }

  #forget(): void {
    const { machines } = this.#limits;
    while (this.#byMac.size > machines || (this.#steps > machines * STEPS_EACH && this.#byMac.size > 1)) {
      this.#drop(this.#byMac.values().next().value!);
    }
    for (const machine of this.#strangers) {
      if (this.#strangers.size <= machines * MOST_STRANGERS) break;
      if (isStranger(machine)) this.#drop(machine);
      else this.#strangers.delete(machine);
    }
  }

  #drop(machine: MachineRecord): void {
    this.#byMac.delete(machine.mac);
    this.#open.delete(machine);
    this.#strangers.delete(machine);
    for (const { boot } of machine.attempts) this.#steps -= boot.steps.size;
  }
}

function isStranger({ address, attempts }: MachineRecord): boolean {
  return address === undefined && attempts.every(({ boot }) => boot.files.length === 0);
}
