import type { Supposed } from '../../boot/explanation.ts';
import type { StageName } from '../../journal/timeline/model.ts';
import { formatIpv4, type Ipv4 } from '../../protocol/ipv4.ts';
import type { ReportLine } from '../report.ts';
import { type Leased, type Obtained, obtain, release } from './dhcp-client.ts';
import { type Fetching, Missing } from './fetch-file.ts';
import { oneConnection } from './http-read.ts';
import type { Machinery } from './kinds.ts';
import { loadLoader } from './load-loader.ts';
import { loadScript, type Orders } from './load-script.ts';
import { loadImages } from './load-system.ts';
import type { Originals } from './originals.ts';
import { Trouble } from './trouble.ts';

/** What all machines of a rehearsal share. */
export interface World extends Omit<Fetching, 'agent'> {
  readonly mac: string;
  readonly relay: Ipv4 | undefined;
  readonly originals: Originals;
}

/** What a machine has, and where it is, while it boots. */
export interface Booting extends World, Fetching {
  readonly machinery: Machinery;
}

/** What a stage came to; a stage that ends the boot throws {@link Trouble} instead. */
export interface Passed extends Pick<ReportLine, 'detail' | 'remedy' | 'command' | 'more'> {
  readonly state: 'ok' | 'warn' | 'note';
  /** Of all files of the stage. */
  readonly bytes?: number;
}

export interface WalkedStage extends Omit<Passed, 'state'> {
  readonly stage: StageName;
  readonly state: Passed['state'] | 'fail';
  readonly milliseconds: number;
}

export interface Walked {
  readonly machinery: Machinery;
  readonly stages: readonly WalkedStage[];
  readonly booted: boolean;
  readonly milliseconds: number;
}

/** Boots one machine against the services that run, up to where its kernel would start, and gives its address back whatever happens. */
export class Walk {
  readonly #booting: Booting;
  readonly #stages: WalkedStage[] = [];
  #leased: Leased | undefined;

  constructor(machinery: Machinery, world: World) {
    this.#booting = { ...world, machinery, agent: oneConnection() };
  }

  async run(): Promise<Walked> {
    const { machinery, agent } = this.#booting;
    const began = performance.now();
    const booted = await this.#boot().catch((error: unknown) => {
      if (error instanceof Ended) return false;
      throw error;
    });
    agent.destroy();
    if (this.#leased) await release(this.#supposed('pxe', 0), this.#leased);
    return { machinery, stages: this.#stages, booted, milliseconds: performance.now() - began };
  }

  async #boot(): Promise<boolean> {
    const { machinery } = this.#booting;
    const { firmware, architecture, ipxe } = machinery;
    const orders =
      firmware === 'ipxe' ? undefined : await this.#firmware(this.#supposed(firmware, architecture));
    const script = orders ?? (await this.#ipxe(this.#supposed('ipxe', ipxe)));
    const { kernels, initrds } = script;
    await this.#stage('kernel', () => loadImages('kernel', kernels, this.#booting));
    await this.#stage('initrd', () => loadImages('initrd', initrds, this.#booting));
    return true;
  }

  /** @returns what its loader does next, where that is not iPXE. */
  async #firmware(supposed: Supposed): Promise<Orders | undefined> {
    const obtained = await this.#address('address', supposed);
    const loaded = await this.#stage('loader', () => loadLoader(obtained.boot, this.#booting));
    const config = loaded.config;
    return config && this.#stage('script', () => loadScript(config, this.#booting));
  }

  async #ipxe(supposed: Supposed): Promise<Orders> {
    const { boot } = await this.#address('ipxe', supposed);
    return this.#stage('script', () => loadScript({ kind: 'ipxe', url: boot.file, supposed }, this.#booting));
  }

  async #address(stage: 'address' | 'ipxe', supposed: Supposed) {
    const { profile, inquiry, signal } = this.#booting;
    const self = profile.adapter.address;
    return this.#stage(stage, async () => {
      const asking = (lease: Leased) => {
        this.#leased = lease;
      };
      const obtained = await obtain(supposed, { self, asking, signal });
      if (obtained.kind !== 'leased' && obtained.kind !== 'told')
        throw await inquiry.dhcp(obtained, supposed);
      if (obtained.server !== profile.addresses.dhcp) throw inquiry.stranger(obtained.server);
      return { ...obtained, state: 'ok', detail: wordsOf(obtained, self) } as const;
    });
  }

  async #stage<T extends Passed>(stage: StageName, pass: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const end = (told: Omit<WalkedStage, 'stage' | 'milliseconds'>) => {
      const { state, detail, remedy, command, more, bytes } = told;
      this.#stages.push({
        ...{ stage, state, detail, milliseconds: performance.now() - began },
        ...(bytes !== undefined && { bytes }),
        ...(remedy !== undefined && { remedy }),
        ...(command !== undefined && { command }),
        ...(more !== undefined && { more }),
      });
    };
    try {
      const passed = await pass();
      end(passed);
      return passed;
    } catch (error) {
      end({ state: 'fail', ...this.#wordsOf(error) });
      throw new Ended();
    }
  }

  #wordsOf(error: unknown): Trouble['told'] {
    if (error instanceof Trouble) return error.told;
    if (error instanceof Missing)
      return { detail: `${error.file} is not there`, remedy: 'Put it into images/' };
    const { signal } = this.#booting;
    if (signal.aborted) return { detail: `stopped by ${String(signal.reason)}` };
    throw error;
  }

  #supposed(firmware: Supposed['firmware'], architecture: number): Supposed {
    const { mac, relay } = this.#booting;
    return { mac, firmware, architecture, ...(relay !== undefined && { relay }) };
  }
}

/** The boot is over; its last stage tells why. */
class Ended extends Error {}

function wordsOf(obtained: Extract<Obtained, { kind: 'leased' | 'told' }>, self: Ipv4): string {
  const { file, server } = obtained.boot;
  const from = file.includes('://') || server === 0 ? '' : ` by TFTP from ${formatIpv4(server)}`;
  const orders = file === '' ? 'and nothing to boot' : `to load ${file}${from}`;
  if (obtained.kind === 'leased')
    return `${formatIpv4(obtained.address)} from ${formatIpv4(obtained.server)}, ${orders}`;
  return (
    `told ${orders}${obtained.port === 4011 ? ' (port 4011)' : ''}; addresses are another server's job (MODE=proxy), ` +
    `so it goes on with this host's own, ${formatIpv4(self)}`
  );
}
