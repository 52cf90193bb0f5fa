import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect, type Host, Lab } from '../lab/net.ts';
import { Service } from '../lab/service.ts';
import { udhcpcOnce } from './udhcpc.ts';

export const SERVER = '10.77.1.1';
/** udhcpc tells a script what it got; this one prints it. */
const TELL = fileURLToPath(new URL('./udhcpc-tell.sh', import.meta.url));

/** A server with one adapter, lan0 10.77.1.1/24, and a machine on it whose adapter is eth0. */
export class DhcpLab {
  readonly lab = new Lab();
  readonly server: Host;
  readonly client: Host;
  readonly folder = mkdtempSync(join(tmpdir(), 'rblab-dhcp-'));
  readonly #services: Service[] = [];
  readonly #undo: (() => Promise<unknown>)[] = [];

  constructor(t: TestContext) {
    this.server = this.lab.host('server');
    this.client = this.lab.host('client');
    this.cable('lan0', `${SERVER}/24`, this.client, 'eth0');
    t.after(() => this.#close());
  }

  cable(adapter: string, address: string, client: Host, port: string): void {
    connect({ host: this.server, adapter, address }, { host: client, adapter: port });
  }

  get environment(): Record<string, string> {
    return {
      ADAPTER: 'lan0',
      IMAGES_DIR: join(this.folder, 'images'),
      STATE_DIR: join(this.folder, 'state'),
      // Health sockets of killed services go with the folder.
      TMPDIR: this.folder,
      LOADER_MIRROR: 'http://127.0.0.1:7999/',
    };
  }

  /** Starts a service; resolves when it serves. */
  async start(name = 'dhcp', settings: Record<string, string> = {}): Promise<Service> {
    const service = this.begin(name, settings);
    await service.log.until(new RegExp(`${name} serves`), { seconds: 20 });
    return service;
  }

  /** Starts a service and does not wait. */
  begin(name = 'dhcp', settings: Record<string, string> = {}): Service {
    const service = new Service(this.server, name, { ...this.environment, ...settings });
    this.#services.push(service);
    return service;
  }

  /** What udhcpc is given, by its own names; undefined where nobody answers. */
  async udhcpc(
    client = this.client,
    adapter = 'eth0',
    tries = 4,
  ): Promise<Record<string, string> | undefined> {
    const { output } = await client.run('busybox', udhcpcOnce(adapter, TELL, tries), 30);
    const told = [...output.matchAll(/^got (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]);
    return told.length > 0 ? Object.fromEntries(told) : undefined;
  }

  /** Runs when the services have ended and before the folder is removed. */
  atEnd(undo: () => Promise<unknown>): void {
    this.#undo.push(undo);
  }

  async #close(): Promise<void> {
    for (const service of this.#services) await service.stop('SIGKILL');
    for (const undo of this.#undo) await undo();
    await this.lab.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
