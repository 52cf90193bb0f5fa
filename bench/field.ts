import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connect, type Host, type Lab } from '../test/lab/net.ts';

export const SERVER = '10.0.0.1';
export const CLIENT = '10.0.0.2';
export const SERVER_ADAPTER = 'srv0';
export const CLIENT_ADAPTER = 'cli0';
const SERVER_CORE = 0;
const LOAD_CORE = 1;
/** Addresses of the pool belong to the client: it answers ARP for them, and programs bind to them. */
const POOL = '10.16.0.0/12';

/** Two namespaces with a veth pair between: a server on core 0, its load on core 1. */
export class Field {
  readonly server: Host;
  readonly client: Host;

  constructor(lab: Lab, name: string) {
    const short = name.replace(/[^a-z0-9]/g, '');
    this.server = lab.host(`${short}-s`, SERVER_CORE);
    this.client = lab.host(`${short}-c`, LOAD_CORE);
    connect(
      { host: this.server, adapter: SERVER_ADAPTER, address: `${SERVER}/8` },
      { host: this.client, adapter: CLIENT_ADAPTER, address: `${CLIENT}/8` },
    );
    this.client.ip('route', 'add', 'local', POOL, 'dev', CLIENT_ADAPTER);
  }

  /** Starts a program of the server's on core 0. */
  serve(program: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    return this.server.spawn(program, args, options);
  }

  /** Starts a program on the client's side, on core 1. */
  spawnLoad(program: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    return this.client.spawn(program, args, options);
  }

  /**
   * Runs bench/load/NAME.ts on core 1 with one JSON word, to the end.
   *
   * @returns what it printed as JSON in its last line. @throws Error with its stderr where it failed or took longer.
   */
  load<T>(name: string, order: unknown, seconds = 120): Promise<T> {
    const program = fileURLToPath(new URL(`./load/${name}.ts`, import.meta.url));
    return this.run<T>(process.execPath, [program, JSON.stringify(order)], seconds, (text) =>
      JSON.parse(text.trimEnd().split('\n').at(-1) ?? ''),
    );
  }

  /** Runs any program on core 1 (perfdhcp, wrk), and reads what it prints. @throws Error as load() does. */
  async run<T>(
    program: string,
    args: readonly string[],
    seconds: number,
    read: (stdout: string, status: number) => T,
  ): Promise<T> {
    const running = this.spawnLoad(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const limit = setTimeout(() => running.kill('SIGKILL'), seconds * 1000);
    let [stdout, stderr] = ['', ''];
    running.stdout!.setEncoding('utf8').on('data', (text) => (stdout += text));
    running.stderr!.setEncoding('utf8').on('data', (text) => (stderr += text));
    const [status, signal] = await once(running, 'close');
    clearTimeout(limit);
    try {
      if (signal) throw new Error(`ended by ${signal}, after ${seconds} s at most`);
      return read(stdout, status);
    } catch (error) {
      throw new Error(
        `${program} ${args.join(' ')}: status ${status}, ${error}\n${stderr}${stdout}`.slice(0, 4000),
      );
    }
  }

  /** Makes a switch of the client, `br0`, that virtual machines are plugged into; it has no address any more. */
  makeSwitch(): void {
    const { client } = this;
    client.ip('route', 'del', 'local', POOL, 'dev', CLIENT_ADAPTER);
    client.ip('addr', 'flush', 'dev', CLIENT_ADAPTER);
    client.bridge('br0');
    client.ip('link', 'set', CLIENT_ADAPTER, 'master', 'br0');
  }

  /**
   * Forgets who is where on the network. All namespaces of a host share one table of neighbours, of 1,024 entries where nobody has raised
   * gc_thresh3; machines beyond that are not answered by anybody.
   */
  forgetNeighbours(): void {
    for (const host of [this.server, this.client]) host.ip('neigh', 'flush', 'all');
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.client.close();
  }
}
