import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bzImage, cpio } from '../../assets/headers.ts';
import { Appliance } from '../appliance.ts';
import { Lab } from '../net.ts';
import { SERVER } from '../site.ts';
import { Api } from './api.ts';
import { Fleet } from './fleet.ts';

const PACKAGED = '/usr/lib/ipxe';

/** Where things run, where that matters: processor cores, and the addresses that machines may have. */
export interface Places {
  readonly lab?: Lab;
  readonly serverCore?: number;
  readonly fleetCore?: number;
  readonly range?: string;
}

/** An appliance, a fleet on its switch, and its API. */
export class FleetLab {
  readonly lab: Lab;
  readonly #places: Places;
  readonly appliance: Appliance;
  readonly api: Api;
  #fleet: Fleet | undefined;

  /** Addresses from 10.88.0.10 on, 220 of them where LEASE_COUNT does not say otherwise. */
  constructor(settings: Readonly<Record<string, string>> = {}, places: Places = {}) {
    this.#places = places;
    this.lab = places.lab ?? new Lab();
    this.appliance = new Appliance(
      this.lab,
      { START_ADDRESS: '10.88.0.10', LEASE_COUNT: '220', ...settings },
      places.serverCore,
    );
    this.api = new Api(this.appliance.server, `http://${SERVER}`);
  }

  get fleet(): Fleet {
    return this.#fleet!;
  }

  /** Puts a kernel and an initrd of so many bytes into images/; only their heads are real. */
  addImages({ kernel, initrd }: { kernel: number; initrd: number }): void {
    writeFileSync(join(this.appliance.images, 'vmlinuz'), filled(bzImage(), kernel));
    writeFileSync(join(this.appliance.images, 'initrd.img'), filled(cpio, initrd));
  }

  /** Puts the packaged loader of that name into images/. */
  addLoader(name: string): void {
    copyFileSync(join(PACKAGED, name), join(this.appliance.images, name));
  }

  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.appliance.serve(settings);
    const { fleetCore: core, range } = this.#places;
    this.#fleet ??= await Fleet.start(this.lab, this.appliance, { core, range });
  }

  /** What machines shall have got: the bytes and SHA-256 of what is served under that name. */
  served(name: string): { bytes: number; sha256: string } {
    const loader = name === 'undionly.kpxe' || name === 'snponly.efi';
    const content = readFileSync(join(loader ? PACKAGED : this.appliance.images, name));
    return { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
  }

  async stop(): Promise<void> {
    await this.#fleet?.stop();
    await this.appliance.stop();
    await this.lab.close();
  }
}

/** Bytes that differ from block to block, so that one in the wrong place shows. */
function filled(head: Buffer, size: number): Buffer {
  const file = Buffer.alloc(Math.max(size, head.length));
  for (let at = 0; at + 4 <= file.length; at += 4) file.writeUInt32LE((at * 2654435761) >>> 0, at);
  head.copy(file);
  return file;
}
