import { REHEARSAL } from '../../boot/rehearsal.ts';
import { formatIpv4 } from '../../protocol/ipv4.ts';
import type { Event } from '../event.ts';
import type { Recorded } from '../recorded.ts';
import { isKnown, render } from '../render.ts';
import { attemptAt, attemptLoading, attemptOf } from './belonging.ts';
import { type Phase, remarkOn } from './boot.ts';
import { type FileNews, fileNews } from './file-news.ts';
import { isScript, loaderNames, stageOf } from './file-stage.ts';
import { loseSight } from './files.ts';
import { type AskedEvent, foldBooting, foldSystem } from './fold-dhcp.ts';
import { foldFile } from './fold-files.ts';
import type { Judged, Limits, MachineRecord } from './machine-record.ts';
import { Machines } from './machines.ts';
import type { StageName } from './model.ts';
import { Owners } from './owners.ts';
import { learn, NOTHING_KNOWN, type Surroundings } from './surroundings.ts';

/** Addresses that are remembered for each machine. */
const ADDRESSES = 4;

/** Brings every event to its machine and attempt. */
export class Fold {
  readonly owners: Owners;
  readonly #limits: Limits;
  readonly #machines: Machines;
  #around: Surroundings = NOTHING_KNOWN;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#machines = new Machines(limits);
    this.owners = new Owners(limits.machines * ADDRESSES);
  }

  take(recorded: Recorded): void {
    const { event, at } = recorded;
    // No machine, and what this host tells of itself explains no machine's boot.
    if (event.mac === REHEARSAL.mac || !isKnown(event.kind)) return;
    this.#around = learn(this.#around, event, at);
    if (event.kind === 'config.serving' || event.kind === 'config.stopped') this.#runEnded(event.service, at);
    else if (event.kind === 'dhcp.store-failed') for (const mac of event.macs) this.#remark(recorded, mac);
    else if (!IGNORED.test(event.kind)) this.#tell(recorded);
  }

  /** What is about one machine. */
  #tell(recorded: Recorded): void {
    const { event } = recorded;
    const mac = event.mac || this.#ownerOf(event);
    if (!mac) return;
    if ('client' in event) this.#asked(recorded, event);
    else if (event.kind.startsWith('dhcp.')) this.#remark(recorded, mac);
    else this.#file(recorded, mac);
  }

  due(now: number): MachineRecord[] {
    return this.#machines.due(now);
  }

  machines(): MachineRecord[] {
    return this.#machines.all();
  }

  machine(mac: string): MachineRecord | undefined {
    return this.#machines.get(mac);
  }

  /** Somebody asks by DHCP, or is answered. */
  #asked(recorded: Recorded, event: AskedEvent): void {
    const { at } = recorded;
    const { mac, client } = event;
    const machine = this.#machines.meet(mac, at);
    if (client.hostName) machine.hostName = client.hostName.slice(0, LONGEST_HOST_NAME);
    if (event.kind === 'dhcp.ack' || event.kind === 'dhcp.address-elsewhere') {
      machine.address = formatIpv4(event.address);
      this.owners.give(machine.address, mac);
    }
    if (client.firmware === 'other') {
      const judged = attemptAt(machine, at);
      if (judged && foldSystem(judged.boot, event, at)) this.#step(machine, judged, recorded, 'system');
      return;
    }
    const judged = attemptOf(machine, event, at) ?? this.#begin(machine, event, at);
    foldBooting(judged.boot, event, at);
    this.#step(machine, judged, recorded, DHCP_STAGES[judged.boot.phase!]);
  }

  #begin(machine: MachineRecord, { client }: Pick<AskedEvent, 'client'>, at: number): Judged {
    const dropped = machine.begin(client, at, this.#around, this.#limits);
    this.#machines.keptSteps(machine, dropped ? -dropped.boot.steps.size : 0);
    return machine.newest!;
  }

  /** What dhcp tells of a machine besides questions and answers. */
  #remark(recorded: Recorded, mac: string): void {
    const { event, at } = recorded;
    const machine = this.#machines.get(mac);
    const judged = machine && attemptAt(machine, at);
    if (!judged || at - judged.boot.to > REMARK_WITHIN_MS || judged.boot.system?.ackAt !== undefined) return;
    const { boot } = judged;
    remarkOn(boot, event, at);
    this.#step(machine, judged, recorded, boot.phase && DHCP_STAGES[boot.phase]);
  }

  /** A file on its way to a machine. */
  #file(recorded: Recorded, mac: string): void {
    const { event, at } = recorded;
    const news = fileNews(event);
    if (!news) return;
    const known = this.#machines.get(mac);
    const judged = (known && attemptLoading(known, news, at)) ?? this.#beginUnasked(mac, news, at);
    if (!judged) return;
    const machine = this.#machines.meet(mac, at);
    const file = foldFile(judged.boot, news, event, at);
    if (!file && judged.boot.system) return;
    this.#step(machine, judged, recorded, file?.stage ?? stageOf(judged.boot, news.file));
  }

  /** Where nobody records DHCP, a boot is known by what it loads first. Otherwise a file alone is no boot: people fetch files too. */
  #beginUnasked(mac: string, news: FileNews, at: number): Judged | undefined {
    if (this.#around.profiles.dhcp) return undefined;
    const script = isScript(news.file);
    if (!script && !loaderNames({ around: this.#around, asked: {} }).includes(news.file)) return undefined;
    const firmware = script ? 'ipxe' : news.service === 'http' ? 'http' : 'pxe';
    const client = { firmware, architecture: undefined, hostName: undefined } as const;
    return this.#begin(this.#machines.meet(mac, at), { client }, at);
  }

  #step(machine: MachineRecord, judged: Judged, { event, at, service }: Recorded, stage?: StageName): void {
    const { boot } = judged;
    boot.to = Math.max(boot.to, at);
    boot.from = Math.min(boot.from, at);
    if (!boot.ended) boot.around = this.#around;
    judged.stale = true;
    if (QUIET.includes(event.kind)) return;
    const { level, text } = render(event);
    const grew = boot.steps.add({ at, service, level, text, ...(stage === undefined ? {} : { stage }) });
    this.#machines.keptSteps(machine, grew ? 1 : 0);
  }

  #ownerOf(event: Event): string | undefined {
    const address = 'address' in event ? event.address : undefined;
    return typeof address === 'string' ? this.owners.macOf(address) : undefined;
  }

  /** Transfers of a run that is over have no end that anybody will tell. */
  #runEnded(service: string, at: number): void {
    for (const machine of this.#machines.all()) {
      for (const judged of machine.attempts) {
        for (const file of judged.boot.files) {
          if (file.service !== service || !loseSight(file, at)) continue;
          judged.stale = true;
          this.#machines.touch(machine);
        }
      }
    }
  }
}

const LONGEST_HOST_NAME = 64;
/** A remark so long after anything else is none of the attempt's. */
const REMARK_WITHIN_MS = 10 * 60_000;
/** Packets are kept for whoever looks at them; verdicts come from here. */
const IGNORED = /^(dhcp\.packet|boot\..*)$/;
/** Too many to be steps. */
const QUIET: readonly Event['kind'][] = ['tftp.progress', 'http.asset.progress'];
const DHCP_STAGES = { firmware: 'address', ipxe: 'ipxe', system: 'system' } as const satisfies Record<
  Phase,
  StageName
>;
