/**
 * Load for a TFTP server: `node tftp.ts '{"server": "10.88.69.1", "file": "name", "original": "/path", …}'`, see TftpLoad. Every
 * block is compared with the original. Prints a TftpLoadResult as one line of JSON.
 */
import { readFileSync } from 'node:fs';
import { parseIpv4 } from '../../src/protocol/ipv4.ts';
import { MachineSocket } from './machine-socket.ts';
import { GOODBYE, TftpMachine, type TftpPlan, TftpTally } from './tftp-machine.ts';

export interface TftpLoad {
  readonly server: string;
  readonly port?: number;
  readonly file: string;
  /** A path to the same file. */
  readonly original: string;
  /** Machines that load at the same time. */
  readonly clients: number;
  readonly blksize: number;
  readonly windowsize: number;
  /** How often each loads it: by default once. */
  readonly loads?: number;
  /** Or as often as it can within so many seconds, when what is under way is broken off. */
  readonly seconds?: number;
  /** Each loads it `loads` times, but for no longer than so many seconds: what is under way then is broken off. */
  readonly withinSeconds?: number;
  /** Part of the datagrams, in either direction, that is lost: from a row of numbers that `seed` begins. */
  readonly loss?: number;
  readonly seed?: number;
  readonly msPerBlock?: number;
  readonly patienceMs?: number;
  /** Address of the first machine. Loads are those of four machines for each client, one after the other; their addresses have to be local. */
  readonly firstMachine?: string;
}

export interface TftpLoadResult {
  readonly bytes: number;
  readonly seconds: number;
  /** Files that arrived whole. */
  readonly loads: number;
  /** Milliseconds that each of these took. */
  readonly times: readonly number[];
  /** Bytes that each of the clients got. */
  readonly perClient: readonly number[];
  readonly datagrams: number;
  readonly repeated: number;
  readonly ahead: number;
  readonly impatient: number;
  readonly corrupt: number;
  readonly failed: readonly string[];
}

/** How many machines there are for one client: few enough for the neighbour table of the server's host (gc_thresh3). */
const MACHINES = 4;
/** Another one in each run: what a server still sends to the machines of an earlier run is not for these. */
const OWN_PORT = 20_000 + (process.pid % 40_000);
/** How long to look for the next message without going to sleep, in milliseconds. */
const SPIN = 2;
const LINGER = 300;

class Load {
  readonly #load: TftpLoad;
  readonly #plan: TftpPlan;
  readonly #tally = new TftpTally();
  readonly #socket = new MachineSocket(OWN_PORT);
  readonly #machines: (TftpMachine | undefined)[] = [];
  /** The machine that each client is at the moment. */
  readonly #running: TftpMachine[] = [];
  readonly #touched = new Set<TftpMachine>();
  readonly #perClient: number[];
  readonly #left: number[];
  /** How many machines each client has been. */
  readonly #turns: number[];
  readonly #failed: string[] = [];
  readonly #server: number;
  readonly #first: number;
  readonly #times: number[] = [];
  /** When the machine that each client is at the moment began. */
  readonly #begunAt: number[] = [];
  #chance: number;
  #segment: number;
  #now = performance.now();

  constructor(load: TftpLoad) {
    this.#load = load;
    this.#plan = {
      file: load.file,
      original: readFileSync(load.original),
      blksize: load.blksize,
      windowsize: load.windowsize,
      msPerBlock: load.msPerBlock ?? 0,
      patienceMs: load.patienceMs ?? 4000,
    };
    this.#segment = load.blksize + 4;
    this.#server = parseIpv4(load.server)!;
    this.#first = parseIpv4(load.firstMachine ?? '10.17.0.1')!;
    this.#chance = load.seed ?? 1;
    this.#perClient = Array.from({ length: load.clients }, () => 0);
    this.#turns = this.#perClient.slice();
    this.#left = Array.from({ length: load.clients }, () => (load.seconds ? Infinity : (load.loads ?? 1)));
  }

  run(): TftpLoadResult {
    const begun = performance.now();
    const end = begun + (this.#load.seconds ?? this.#load.withinSeconds ?? Infinity) * 1000;
    for (let client = 0; client < this.#load.clients; client++) this.#begin(client);
    this.#socket.flush();
    let active = begun;
    let over = begun;
    while (this.#running.some((machine) => !isOver(machine)) && this.#now < end) {
      const count = this.#receive();
      over = this.#now;
      if (count > 0) active = this.#now;
      this.#attend();
      this.#socket.flush();
      if (this.#now - active > SPIN)
        this.#socket.wait(Math.min(this.#soonest() - this.#now, end - this.#now, 100));
    }
    this.#end();
    const { bytes, datagrams, repeated, ahead, impatient, corrupt } = this.#tally;
    return {
      bytes,
      seconds: (over - begun) / 1000,
      loads: this.#times.length,
      times: this.#times,
      perClient: this.#perClient,
      datagrams,
      repeated,
      ahead,
      impatient,
      corrupt,
      failed: this.#failed,
    };
  }

  #begin(client: number): void {
    const number = client * MACHINES + (this.#turns[client]!++ % MACHINES);
    const machine = new TftpMachine(this.#first + number, this.#plan, this.#tally, this.#now);
    this.#machines[number] = machine;
    this.#running[client] = machine;
    this.#begunAt[client] = this.#now;
    this.#left[client]!--;
    this.#say(machine, machine.request());
  }

  #receive(): number {
    const count = this.#socket.receive((address, bytes, at, length, from, port) => {
      const machine = this.#machines[address - this.#first];
      if (!machine) return;
      machine.server.address = from;
      machine.server.port = port;
      this.#touched.add(machine);
      const end = at + length;
      // The kernel may have put equal datagrams together; the last of them can be shorter.
      for (let datagram = at; datagram < end; datagram += this.#segment) {
        if (this.#isLost()) continue;
        if (machine.take(bytes, datagram, Math.min(this.#segment, end - datagram), this.#now))
          this.#acknowledge(machine);
      }
    });
    this.#now = performance.now();
    for (const machine of this.#touched) if (machine.settle()) this.#acknowledge(machine);
    this.#touched.clear();
    return count;
  }

  /** Looks after the machines whose time has come, and puts the next ones in the place of those that are done. */
  #attend(): void {
    for (let client = 0; client < this.#running.length; client++) {
      const machine = this.#running[client]!;
      if (machine.ackAt <= this.#now) {
        machine.ackAt = Infinity;
        this.#acknowledge(machine);
      }
      if (machine.patientUntil <= this.#now && machine.insist(this.#now)) {
        this.#say(machine, machine.state === 'asking' ? machine.request() : machine.acknowledgement);
      }
      if (isOver(machine)) this.#next(client, machine);
    }
  }

  #next(client: number, machine: TftpMachine): void {
    if (machine.counted) return;
    machine.counted = true;
    this.#perClient[client]! += machine.bytes;
    if (machine.state === 'failed') {
      this.#failed.push(machine.problem);
      this.#left[client] = 0;
    } else this.#times.push(this.#now - this.#begunAt[client]!);
    if (this.#left[client]! > 0) this.#begin(client);
  }

  #soonest(): number {
    let soonest = Infinity;
    for (const { ackAt, patientUntil } of this.#running) soonest = Math.min(soonest, ackAt, patientUntil);
    return Math.max(soonest, this.#now);
  }

  #acknowledge(machine: TftpMachine): void {
    this.#say(machine, machine.acknowledgement);
  }

  #say(machine: TftpMachine, message: Buffer): void {
    if (this.#isLost()) return;
    const { address, port } = machine.server;
    this.#socket.send(machine.address, message, address || this.#server, port || (this.#load.port ?? 69));
  }

  #isLost(): boolean {
    const { loss } = this.#load;
    if (!loss) return false;
    this.#chance = (Math.imul(this.#chance, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#chance < loss * 2 ** 32;
  }

  /** Breaks off what is under way, and answers those servers for a moment that have not heard the last ACK. */
  #end(): void {
    for (const [client, machine] of this.#running.entries()) {
      if (isOver(machine)) continue;
      this.#perClient[client]! += machine.bytes;
      this.#socket.send(
        machine.address,
        GOODBYE,
        machine.server.address || this.#server,
        machine.server.port || 69,
      );
      machine.state = 'failed';
    }
    this.#socket.flush();
    const until = performance.now() + (this.#load.loss ? 0 : LINGER);
    while (this.#now < until) {
      this.#socket.wait(20);
      this.#receive();
      this.#socket.flush();
    }
  }
}

function isOver({ state, ackAt }: TftpMachine): boolean {
  return state === 'failed' || (state === 'done' && ackAt === Infinity);
}

console.log(JSON.stringify(new Load(JSON.parse(process.argv[2] ?? '{}') as TftpLoad).run()));
