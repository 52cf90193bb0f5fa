import type { ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Exchange, Explanation } from '../../src/boot/explanation.ts';
import { askControl } from '../../src/platform/control-client.ts';
import { controlSocket } from '../../src/platform/control-protocol.ts';
import { Transcript } from '../lab/transcript.ts';
import { DhcpLab } from './dhcp-lab.ts';
import { type Tapped, WireTap } from './wire-tap.ts';

export const HOST = '10.88.0.1';
const CLIENT = '10.88.0.2';
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const SAY = fileURLToPath(new URL('./say.ts', import.meta.url));

/** One message to be sent, and from where to where. */
export interface Message {
  readonly hex: string;
  /** The sender's own port. */
  readonly from: number;
  readonly port: 67 | 4011;
  readonly isRelayed: boolean;
}

/** The network of the captures: a server at 10.88.0.1, and one machine that says what any machine said, and hears what all of them hear. */
export class ExplainLab extends DhcpLab {
  readonly #tap: WireTap;
  readonly #say: ChildProcess;
  readonly #said = new Transcript('say.ts');

  constructor(t: TestContext) {
    super(t);
    this.cable('lan1', `${HOST}/20`, this.client, 'eth1');
    this.client.address('eth1', `${CLIENT}/20`);
    // Every address that the captures' machines and relays had is answered for, so that what goes there goes over the wire.
    for (const cidr of ['10.88.4.0/22', '10.88.8.0/21', '10.88.16.0/24'])
      this.client.ip('route', 'add', 'local', cidr, 'dev', 'lo');
    this.server.ip('route', 'add', '10.88.16.0/24', 'via', CLIENT);
    // BOOTP replies: the server asks for other servers, too.
    this.#tap = new WireTap(this.client, 'eth1', `src host ${HOST} and udp and udp[8] = 2`);
    this.#say = this.client.spawn(process.execPath, [SAY, 'eth1'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#said.follow(this.#say.stdout);
  }

  override get environment(): Record<string, string> {
    return {
      ...super.environment,
      ADAPTER: 'lan1',
      START_ADDRESS: '10.88.1.0',
      LEASE_COUNT: '3800',
      SUBNETS: '10.88.16.0/24 range=10.88.16.100-10.88.16.250',
      LOG_LEVEL: 'debug',
    };
  }

  async ready(): Promise<void> {
    await this.#tap.listening();
    await this.#said.until(/ready/, { seconds: 20 });
  }

  addKernel(system: string): void {
    const images = join(this.folder, 'images');
    mkdirSync(images, { recursive: true });
    for (const name of ['vmlinuz', 'initrd.img']) copyFileSync(join(system, name), join(images, name));
  }

  /** What the service that runs explains. */
  async explain(question: unknown): Promise<readonly Exchange[]> {
    const { status, body } = await askControl({
      file: controlSocket(join(this.folder, 'state'), 'dhcp'),
      service: 'dhcp',
      method: 'POST',
      path: '/explain',
      body: question,
      timeoutMs: 5000,
    });
    if (status !== 200) throw new Error(JSON.stringify(body));
    return (body as Explanation).exchanges;
  }

  explainExactly({ hex, from, port }: Message): Promise<readonly Exchange[]> {
    return this.explain({ packet: hex, port, from: `${CLIENT}:${from}` });
  }

  /** Says it; resolves when the service has heard it. */
  async say({ hex, from, port, isRelayed }: Message, service: { readonly log: Transcript }): Promise<void> {
    const seen = service.log.length;
    const address = port === 67 && !isRelayed ? '255.255.255.255' : HOST;
    this.#say.stdin?.write(`${JSON.stringify({ hex, from, address, port })}\n`);
    await service.log.until(/ received:/, { seconds: 30, from: seen });
  }

  heard(): Promise<Tapped> {
    return this.#tap.next();
  }

  get unheard(): number {
    return this.#tap.left;
  }

  command(words: readonly string[], settings: Record<string, string> = {}) {
    const variables = Object.entries({ ...this.environment, ...settings }).map(
      ([name, value]) => `${name}=${value}`,
    );
    return this.server.run('env', [...variables, process.execPath, MAIN, 'explain', ...words], 30);
  }

  end(): void {
    this.#tap.stop();
    this.#say.kill();
  }
}
