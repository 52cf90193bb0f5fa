import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { bzImage, cpio } from '../../test/assets/headers.ts';
import { Appliance, SERVER } from '../../test/lab/appliance.ts';
import { standFor } from '../../test/lab/fleet/addresses.ts';
import { connect, type Lab } from '../../test/lab/net.ts';
import { replaceFile } from './disturb.ts';
import type { LoadOrder } from './load/program.ts';
import { measureLeases, measureService } from './measure.ts';
import { type LoadSample, type Sample, SERVICES, type ServiceSample, sum } from './sample.ts';

const LOAD = fileURLToPath(new URL('./load/program.ts', import.meta.url));
const LOADERS = ['/usr/lib/ipxe/undionly.kpxe', '/usr/lib/ipxe/snponly.efi'];
const ADAPTER = 'eth0';
const KERNEL_BYTES = 1_234_567;
const INITRD_BYTES = 2_345_678;
export const EXTRAS = ['extra-0.bin', 'extra-1.bin', 'extra-2.bin', 'folder/extra-3.bin'];
const ANSWER_WITHIN_MS = 30_000;

/** The appliance as it comes, and its load on a host of its own. */
export class SoakSite {
  readonly appliance: Appliance;
  /** Contents of the initrd, which take turns. */
  readonly initrds = [1, 2].map((salt) => filled(cpio, INITRD_BYTES, salt));
  readonly #lab: Lab;
  #load: ChildProcess | undefined;
  #answers: Interface | undefined;
  #begun = 0;
  #loadErrors = '';

  constructor(lab: Lab) {
    this.#lab = lab;
    this.appliance = new Appliance(lab);
  }

  async start(seed: number): Promise<void> {
    const { images } = this.appliance;
    const kernel = filled(bzImage(), KERNEL_BYTES, 0);
    writeFileSync(join(images, 'vmlinuz'), kernel);
    replaceFile(images, 'initrd.img', this.initrds[0]!);
    for (const loader of LOADERS) copyFileSync(loader, join(images, basename(loader)));
    // As the image has it: see Dockerfile.
    await this.appliance.serve({ MALLOC_ARENA_MAX: '1' });
    const hashes = (...contents: readonly Buffer[]) => contents.map(hashOf);
    await this.#startLoad({
      adapter: ADAPTER,
      server: SERVER,
      extras: EXTRAS,
      seed,
      contents: {
        vmlinuz: hashes(kernel),
        'initrd.img': hashes(...this.initrds),
        ...Object.fromEntries(LOADERS.map((loader) => [basename(loader), hashes(readFileSync(loader))])),
      },
    });
  }

  async #startLoad(order: LoadOrder): Promise<void> {
    const host = this.#lab.host('load');
    connect({ host, adapter: ADAPTER }, { host: this.appliance.switch, adapter: 'p-load', bridge: 'br0' });
    await standFor(host, ADAPTER, '10.88.0.0/24', [SERVER]);
    this.#load = host.spawn(process.execPath, [LOAD, JSON.stringify(order)], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#load.stderr!.on('data', (text) => (this.#loadErrors = (this.#loadErrors + text).slice(-4000)));
    this.#answers = createInterface({ input: this.#load.stdout! });
    await this.#drain();
    this.#begun = performance.now();
  }

  /** @throws Error where a service or the load has ended, or does not answer. */
  async sample(): Promise<Sample> {
    const state = this.appliance.environment.STATE_DIR!;
    const told = SERVICES.map(async (name) => {
      const { pid } = this.appliance.service(name);
      return [name, await measureService(name, pid, state)] as const;
    });
    const [load, ...services] = await Promise.all([this.#drain(), ...told]);
    return {
      at: (performance.now() - this.#begun) / 1000,
      services: Object.fromEntries(services) as Record<(typeof SERVICES)[number], ServiceSample>,
      ...measureLeases(state),
      ...this.#readLogs(),
      load,
    };
  }

  async stop(): Promise<void> {
    this.#load?.kill('SIGKILL');
    await this.appliance.stop();
  }

  #drain(): Promise<LoadSample> {
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Error(`the load does not answer: ${this.#loadErrors}`));
      const timer = setTimeout(fail, ANSWER_WITHIN_MS);
      this.#answers!.once('line', (line) => {
        clearTimeout(timer);
        resolve(JSON.parse(line));
      });
      this.#load!.stdin!.write('\n');
    });
  }

  /** Takes the lines away: days of them are not kept. */
  #readLogs(): Pick<Sample, 'logged' | 'faults'> {
    const lines = SERVICES.map((name) => this.appliance.service(name).log.lines.splice(0));
    return {
      logged: sum(lines.map(({ length }) => length)),
      faults: lines.flat().filter((line) => line.includes('a fault inside remoteboot')),
    };
  }
}

const hashOf = (content: Buffer) => createHash('sha256').update(content).digest('hex');

/** Bytes that differ from block to block, and with the salt. */
function filled(head: Buffer, size: number, salt: number): Buffer {
  const file = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 4) file.writeUInt32LE(((at + salt) * 2654435761) >>> 0, at);
  head.copy(file);
  return file;
}
