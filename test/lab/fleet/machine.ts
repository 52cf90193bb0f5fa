import { createHash, type Hash } from 'node:crypto';
import type http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { oneConnection } from '../../../src/commands/rehearse/http-read.ts';
import type { StageName } from '../../../src/journal/timeline/model.ts';
import { MESSAGE, OPTION } from '../../../src/protocol/dhcp/codes.ts';
import { textOf } from '../../../src/protocol/dhcp/options.ts';
import { formatIpv4, parseIpv4 } from '../../../src/protocol/ipv4.ts';
import type { Addresses } from './addresses.ts';
import { type DhcpPort, type Lease, obtain } from './dhcp-client.ts';
import { type DhcpStage, decline, discover, type Identity, newXid, reboot } from './packets.ts';
import { type Fault, type Kind, type MachinePlan, Stopped, type Told } from './plan.ts';
import { filesOf, loadHttp, loadTftp, type ScriptFiles } from './reading.ts';

/** What all machines behind one adapter share. */
export interface World {
  readonly port: DhcpPort;
  readonly addresses: Addresses;
  readonly hash: boolean;
  tell(told: Told): void;
}

const ON = ['script', 'kernel', 'initrd', 'system'] as const satisfies readonly StageName[];
const WAYS: Record<Kind, readonly StageName[]> = {
  bios: ['address', 'loader', 'ipxe', ...ON],
  uefi: ['address', 'loader', 'ipxe', ...ON],
  'uefi-http': ['address', 'loader', 'ipxe', ...ON],
  'ipxe-rom': ['ipxe', ...ON],
};

/** TFTP options as the real ones send them: the question for the size, then the loading. */
const TFTP: Partial<Record<Kind, readonly [Record<string, string>, Record<string, string>]>> = {
  bios: [{ tsize: '0' }, { blksize: '1456' }],
  uefi: [
    { tsize: '0', blksize: '1468', windowsize: '4' },
    { blksize: '1468', windowsize: '4' },
  ],
};

/** After a failure the boot script waits so long and is loaded anew. */
const SCRIPT_AGAIN_MS = 10_000;
const SCRIPT_TRIES = 3;
const BREAKS = {
  'hangs-up': (bytes: number) => ({ hangUpAfter: bytes }),
  stalls: (bytes: number) => ({ stallAfter: bytes }),
};
/** PXE 2.1 and EDK2; iPXE; udhcpc. */
const FIRMWARE_PAUSES_MS: Readonly<Record<DhcpStage, readonly number[]>> = {
  address: [4000, 8000, 16_000, 32_000],
  ipxe: [1000, 2000, 4000, 8000, 10_000, 10_000],
  system: [3000, 3000, 3000, 3000, 3000, 3000],
};
/** EDK2; it tries six times. */
const FIRMWARE_RESEND_MS = 4000;
const RESET_MS = 1000;
const DECLINED_MS = 1000;
const INSIST_MS = 400;

class StartOver extends Error {}

export class Machine {
  readonly #plan: MachinePlan;
  readonly #world: World;
  readonly #fault: Fault | undefined;
  #stage: StageName = 'address';
  #lease: Lease | undefined;
  #agent: http.Agent | undefined;
  #files: ScriptFiles | undefined;
  #resets = 0;
  readonly #released = Promise.withResolvers<void>();

  constructor(plan: MachinePlan, world: World) {
    this.#plan = plan;
    this.#world = world;
    this.#fault = plan.fault;
  }

  release(): void {
    this.#released.resolve();
  }

  /** Boots, once; tells how it goes. */
  async run(): Promise<void> {
    await sleep(this.#plan.after ?? 0);
    for (;;) {
      try {
        for (const stage of WAYS[this.#plan.kind]) await this.#pass(stage);
        return this.#end(true, 'booted');
      } catch (error) {
        if (error instanceof Stopped) return this.#end(false, error.message);
        if (!(error instanceof StartOver)) throw error;
        await sleep(RESET_MS);
      } finally {
        this.#agent?.destroy();
      }
    }
  }

  async #pass(stage: StageName): Promise<void> {
    this.#stage = stage;
    if (stage === 'script') await this.#script();
    else if (stage === 'loader') await this.#loader();
    else if (stage === 'kernel') await this.#retrying(() => this.#load('kernel', this.#files?.kernel));
    else if (stage === 'initrd')
      for (const file of this.#files?.initrds ?? []) await this.#load('initrd', file);
    else await this.#address(stage);
    this.#tell({ what: 'stage', stage, ...this.#addressed() });
    await sleep(this.#plan.pause ?? 0);
    if (this.#plan.hold === stage) await this.#released.promise;
    const fault = this.#fault;
    if (fault?.does === 'falls-silent' && fault.after === stage) throw new Stopped('switched off');
    if (fault?.does !== 'starts-over' || fault.after !== stage) return;
    if (++this.#resets > fault.times) throw new Stopped('reset, and switched off');
    throw new StartOver();
  }

  async #address(stage: DhcpStage): Promise<void> {
    await this.#misbehave(stage);
    const from = this.#fault?.does === 'prefers' ? parseIpv4(this.#fault.server) : undefined;
    const pauses = this.#plan.patience && FIRMWARE_PAUSES_MS[stage];
    const lease = await obtain(this.#world.port, this.#identity, stage, from, pauses);
    await this.#world.addresses.own(lease.address, this.#plan.mac);
    // The firmware's network stack is gone with it, and its connections.
    this.#agent?.destroy();
    this.#agent = oneConnection(lease.address);
    this.#lease = lease;
    if (this.#fault?.does === 'declines') await this.#decline(stage, this.#fault.times);
    if (stage !== 'system' && this.#bootFile === '') throw new Stopped('no boot file was named');
  }

  async #misbehave(stage: DhcpStage): Promise<void> {
    const { port } = this.#world;
    const fault = this.#fault;
    if (fault?.does === 'ignores-offers') {
      await port.ask(discover(this.#identity, stage, newXid()), []);
      throw new Stopped('it took no offer');
    }
    if (fault?.does !== 'insists') return;
    for (let tries = 0; tries < fault.times; tries++) {
      const request = reboot(this.#identity, stage, newXid(), parseIpv4(fault.address)!);
      await port.ask(request, [MESSAGE.ack, MESSAGE.nak], [INSIST_MS]);
      await sleep(INSIST_MS);
    }
    throw new Stopped('it wants another address');
  }

  async #decline(stage: DhcpStage, times: number): Promise<never> {
    for (let tries = 1; ; tries++) {
      const { server, number: address } = this.#lease!;
      this.#world.port.say(decline(this.#identity, stage, newXid(), { server, address }));
      if (tries === times) throw new Stopped('its address was taken');
      await sleep(DECLINED_MS);
      this.#lease = await obtain(this.#world.port, this.#identity, stage);
    }
  }

  async #loader(): Promise<void> {
    if (this.#plan.kind === 'uefi-http') {
      await loadHttp({ url: this.#named(this.#bootFile), agent: this.#agent!, method: 'HEAD' });
      return this.#get('loader', this.#named(this.#bootFile));
    }
    const [size, load] = TFTP[this.#plan.kind]!;
    const read = {
      from: this.#lease!.address,
      server: formatIpv4(this.#lease!.ack.siaddr),
      file: this.#named(this.#bootFile),
      ...(this.#plan.patience && { resendMs: FIRMWARE_RESEND_MS }),
    };
    await loadTftp({ ...read, options: size, sizeOnly: true });
    const deaf = this.#fault?.does === 'goes-deaf' ? { deafFrom: this.#fault.block } : {};
    await this.#count('loader', 'tftp', read.file, (take) =>
      loadTftp({ ...read, ...deaf, options: load }, take),
    );
  }

  /** The script, again and again while it tells the machine to wait. */
  async #script(): Promise<void> {
    for (let tries = 0; tries < SCRIPT_TRIES; tries++) {
      const text: Uint8Array[] = [];
      await this.#get('script', this.#bootFile, (data) => text.push(data));
      this.#files = filesOf(Buffer.concat(text).toString());
      if (this.#files.kernel !== undefined) return;
      await sleep(SCRIPT_AGAIN_MS);
    }
    throw new Stopped('the script names no kernel');
  }

  /** What the script does where a file cannot be loaded: it waits, and is loaded anew. */
  async #retrying(load: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await load();
      } catch (error) {
        if (tries === SCRIPT_TRIES || (this.#fault && 'during' in this.#fault)) throw error;
        await sleep(SCRIPT_AGAIN_MS);
        await this.#script();
      }
    }
  }

  async #load(stage: 'kernel' | 'initrd', file = ''): Promise<void> {
    await this.#get(stage, new URL(this.#named(file), this.#bootFile).href);
  }

  #get(stage: StageName, url: string, also: (data: Uint8Array) => void = () => {}): Promise<void> {
    const fault = this.#fault;
    const misbehaving =
      fault && 'during' in fault && fault.during === stage ? BREAKS[fault.does](fault.bytes) : {};
    return this.#count(stage, 'http', new URL(url).pathname.slice(1), (take) => {
      return loadHttp({ url, agent: this.#agent!, ...misbehaving }, (data) => {
        take(data);
        also(data);
      });
    });
  }

  async #count(
    stage: StageName,
    by: 'tftp' | 'http',
    name: string,
    read: (take: (data: Uint8Array) => void) => Promise<number>,
  ): Promise<void> {
    const hash: Hash | undefined = this.#world.hash ? createHash('sha256') : undefined;
    const bytes = await read((data) => hash?.update(data));
    this.#tell({ what: 'file', stage, by, name, bytes, ...(hash && { sha256: hash.digest('hex') }) });
  }

  /** As it stands in the answer, or as the machine misspells it. */
  #named(file: string): string {
    const fault = this.#fault;
    if (fault?.does !== 'misspells' || fault.stage !== this.#stage) return file;
    return file.includes('://') ? new URL(fault.file, file).href : fault.file;
  }

  get #bootFile(): string {
    const { ack } = this.#lease!;
    return textOf(ack.options, OPTION.bootFileName) ?? ack.file;
  }

  get #identity(): Identity {
    const { mac, kind, hostName } = this.#plan;
    const fault = this.#fault;
    return { mac, kind, hostName, ...(fault?.does === 'claims' && { architecture: fault.architecture }) };
  }

  #addressed(): { address?: string } {
    return this.#lease ? { address: this.#lease.address } : {};
  }

  #end(booted: boolean, why: string): void {
    this.#tell({ what: 'end', booted, why, stage: this.#stage, ...this.#addressed() });
  }

  #tell(told: DistributiveOmit<Told & { mac: string }, 'mac' | 'at'>): void {
    this.#world.tell({ ...told, mac: this.#plan.mac, at: Date.now() } as Told);
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
