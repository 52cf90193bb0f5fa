import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, type Host, Lab } from '../lab/net.ts';
import { Transcript } from '../lab/transcript.ts';
import type { Client } from './tftp-clients.ts';

const SERVE = fileURLToPath(new URL('./serve-tftp.ts', import.meta.url));
export const SERVER = '10.88.69.1';

/** Two machines and a cable: the TFTP service on one, clients on the other. */
export class TftpLab {
  readonly client: Host;
  readonly #server: Host;
  readonly log = new Transcript('the TFTP service');
  readonly #lab = new Lab();
  readonly #folder = mkdtempSync(join(tmpdir(), 'tftp-interop-'));
  readonly #images = join(this.#folder, 'images');
  #loads = 0;

  constructor() {
    this.#server = this.#lab.host('tftpd');
    this.client = this.#lab.host('client');
    connect(
      { host: this.#server, adapter: 'lan', address: `${SERVER}/24` },
      { host: this.client, adapter: 'lan', address: '10.88.69.2/24' },
    );
    mkdirSync(this.#images);
  }

  /** Puts a file of random bytes into images/. */
  file(name: string, size: number): void {
    writeFileSync(join(this.#images, name), randomBytes(size));
  }

  async serve(ports: 'one' | 'each' = 'one'): Promise<void> {
    const child = this.#server.spawn(process.execPath, [SERVE, this.#images, SERVER, ports]);
    this.log.follow(child.stdout, child.stderr);
    child.once('close', () => this.log.end());
    await this.log.until(/tftp\.listening/);
  }

  /**
   * Drops every n-th packet that either side receives, which unlike chance is the same in every run.
   * (A rule on the way out would be no loss to the sender, but an error.)
   * With 'data' the negotiation is spared: an OACK (opcode 6) and the ACK of block 0 that answers it.
   */
  async lose(everyNth: number, what: 'anything' | 'data' = 'anything'): Promise<void> {
    const rules = join(this.#folder, 'loss.nft');
    const spared = what === 'data' ? '@th,64,16 != 6 @th,64,32 != 0x00040000' : '';
    const rule = `udp dport > 60 ${spared} numgen inc mod ${everyNth} == 0 drop`;
    writeFileSync(
      rules,
      `table inet loss {\nchain input {\ntype filter hook input priority 0\n${rule}\n}\n}\n`,
    );
    for (const host of [this.client, this.#server]) {
      const { status, output } = await host.run('nft', ['-f', rules]);
      if (status !== 0) throw new Error(`nft: ${output}`);
    }
  }

  /** Loads a file and compares it; undefined is success, else what went wrong. */
  async load(client: Client, file: string, seconds = 60): Promise<string | undefined> {
    const to = join(this.#folder, `load-${++this.#loads}`);
    const { status, output } = await this.client.run(...client.command(SERVER, file, to), seconds);
    if (status !== 0) return `exit status ${status}: ${output}`;
    const same = hash(to) === hash(join(this.#images, file));
    rmSync(to, { force: true });
    return same ? undefined : `the file differs: ${output}`;
  }

  async close(): Promise<void> {
    await this.#lab.close();
    rmSync(this.#folder, { recursive: true });
  }
}

function hash(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
