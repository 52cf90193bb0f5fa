import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReportLine } from '../../src/commands/report.ts';
import { Appliance } from '../lab/appliance.ts';
import { type Host, Lab, type Outcome } from '../lab/net.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface Diagnosis {
  readonly status: number;
  readonly state: string;
  readonly lines: readonly (ReportLine & { readonly title: string })[];
  readonly text: string;
}

/** Stands for programs that the lab's hosts lack. `docker` only notes what it was asked, and removes the bridges of its networks. */
const SHIMS = `
sudo() { "$@"; }
timedatectl() { echo "$*" > clock-set; }
docker() {
  echo "$*" >> docker-calls
  case "$1 $2" in 'network rm') ip link del "br-$3" ;; esac
}
`;

/** An appliance, and somebody who breaks things about it, asks the doctor and does as told. */
export class DoctorLab {
  readonly lab = new Lab();
  readonly appliance = new Appliance(this.lab);
  /** Where compose.yaml would lie. */
  readonly folder = mkdtempSync(join(tmpdir(), 'rblab-doctor-'));

  get server(): Host {
    return this.appliance.server;
  }

  get images(): string {
    return this.appliance.images;
  }

  get state(): string {
    return join(this.images, '../state');
  }

  async open(): Promise<void> {
    this.appliance.addKernel();
    await this.appliance.serve({});
  }

  async close(): Promise<void> {
    await this.appliance.stop();
    await this.lab.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The lines of .env; services have them when they are started again. */
  write(...lines: readonly string[]): void {
    writeFileSync(join(this.folder, '.env'), lines.map((line) => `${line}\n`).join(''));
  }

  get settings(): Record<string, string> {
    const file = join(this.folder, '.env');
    if (!existsSync(file)) return {};
    const lines = readFileSync(file, 'utf8').split('\n');
    return Object.fromEntries(
      lines.flatMap((line) => {
        const [, name, value] = /^(\w+)='?(.*?)'?$/.exec(line) ?? [];
        return name === undefined ? [] : [[name, value ?? '']];
      }),
    );
  }

  /** Runs `doctor --json CHECKS`, as the user `uid` where one is named; `blind`: without seeing other processes, as in a container. */
  async ask(checks: readonly string[], { uid = 0, blind = false } = {}): Promise<Diagnosis> {
    const around = [
      ...(uid === 0 ? [] : ['setpriv', '--reuid', `${uid}`, '--clear-groups']),
      ...(blind ? ['unshare', '--pid', '--fork', '--mount-proc'] : []),
    ];
    const { status, output } = await this.run(['doctor', '--json', ...checks], around);
    const report = JSON.parse(output);
    const lines = report.sections.flatMap(({ title, lines: all }: { title: string; lines: ReportLine[] }) =>
      all.map((line) => ({ title, ...line })),
    );
    return { status, state: report.state, lines, text: output };
  }

  /** Runs `main.ts ARGS` beside the services, with their settings and those of .env. */
  run(args: readonly string[], around: readonly string[] = []): Promise<Outcome> {
    const environment = Object.entries({ ...this.appliance.environment, ...this.settings });
    return this.server.run('env', [
      ...environment.map(([name, value]) => `${name}=${value}`),
      ...[...around, process.execPath, MAIN, ...args],
    ]);
  }

  /** Does in a shell what the doctor says, and then what docker was asked for. */
  async mend(command: string): Promise<void> {
    const calls = join(this.folder, 'docker-calls');
    rmSync(calls, { force: true });
    const { status, output } = await this.server.run('sh', [
      '-ec',
      `cd ${this.folder}\n${SHIMS}\n${command}`,
    ]);
    if (status !== 0) throw new Error(`${command}: ${output}`);
    if (!existsSync(calls)) return;
    for (const call of readFileSync(calls, 'utf8').trim().split('\n')) await this.#docker(call);
  }

  async #docker(call: string): Promise<void> {
    const [, restarted] = /^compose restart (\w+)$/.exec(call) ?? [];
    if (/^compose up -d/.test(call)) await this.appliance.serve(this.settings);
    else if (restarted) {
      const name = restarted as 'dhcp' | 'tftp' | 'http';
      await this.appliance.service(name).stop();
      this.appliance.begin(name);
      await this.appliance.serving(name);
    } else if (call === 'compose run --rm tftp pull') {
      const { status, output } = await this.run(['pull']);
      if (status !== 0) throw new Error(output);
    }
  }
}
