// What the journal costs a boot: the same fleet boots from an appliance with JOURNAL=on, whose events a page follows, and from
// one with JOURNAL=off, by turns in one run. Prints the times and their ratio; exit status 1 where boots are slowed by more than 5 %.
//
// Machines, services and page share this host's processors, so that all that the journal takes is taken from the boots.
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { macOf } from '../test/lab/fleet/fleet.ts';
import { FleetLab } from '../test/lab/fleet/fleet-lab.ts';
import type { Kind, MachinePlan } from '../test/lab/fleet/plan.ts';
import { SERVER } from '../test/lab/site.ts';

const number = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);
const MACHINES = number('MACHINES', 200);
/** Megabytes, as Debian's installer has. */
const SIZES = { kernel: number('KERNEL_MB', 8) << 20, initrd: number('INITRD_MB', 32) << 20 };
/** Times that both appliances are set up anew: what a process happens to be like is not taken for the journal. */
const SITTINGS = number('SITTINGS', 3);
const ROUNDS = number('ROUNDS', 4);
const ALLOWED = 1.05;

const KINDS: readonly Kind[] = ['bios', 'uefi', 'uefi-http', 'ipxe-rom'];
const machines: readonly MachinePlan[] = Array.from({ length: MACHINES }, (_, n) => ({
  mac: macOf(n),
  kind: KINDS[n % KINDS.length]!,
  hostName: `machine-${n}`,
}));

type Journal = 'on' | 'off';
/** One boot of the fleet, in milliseconds: until the last machine was up, and the mean of all. */
interface Times {
  readonly last: number;
  readonly mean: number;
  /** Processor time of services and machines meanwhile, all threads: what a busy host does besides is not in it. */
  readonly processor: number;
}

/** /proc/PID/stat counts in hundredths of a second; user and system time are its fields 14 and 15. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

class Contender {
  readonly journal: Journal;
  readonly #lab: FleetLab;
  #page: ChildProcess | undefined;

  constructor(journal: Journal) {
    this.journal = journal;
    this.#lab = new FleetLab({ JOURNAL: journal });
  }

  async start(): Promise<void> {
    this.#lab.addImages(SIZES);
    await this.#lab.start();
    if (this.journal === 'off') return;
    await this.#lab.api.get('/api/machines');
    // Thrown away unread: the browser runs on another host.
    this.#page = this.#lab.appliance.server.spawn('curl', ['-sN', `http://${SERVER}/events`], {
      stdio: 'ignore',
    });
  }

  async boot(): Promise<Times> {
    const before = this.#processor();
    const begun = Date.now();
    const ends = await this.#lab.fleet.boot(machines, { seconds: 600 });
    const failed = ends.find(({ booted }) => !booted);
    if (failed) throw new Error(`with JOURNAL=${this.journal}: ${JSON.stringify(failed)}`);
    const times = ends.map(({ at }) => at - begun);
    return {
      last: Math.max(...times),
      mean: times.reduce((a, b) => a + b, 0) / times.length,
      processor: this.#processor() - before,
    };
  }

  #processor(): number {
    const { appliance, fleet } = this.#lab;
    const services = (['dhcp', 'tftp', 'http'] as const).map((name) => appliance.service(name).pid);
    return [...services, fleet.pid].map(processorTime).reduce((a, b) => a + b, 0);
  }

  async stop(): Promise<void> {
    this.#page?.kill('SIGKILL');
    await this.#lab.stop();
  }
}

const median = (values: readonly number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
};

/** off on on off, on off off on …: what grows or wanes in the course of a run hits both alike. */
async function sitting(times: Record<Journal, Times[]>): Promise<void> {
  const contenders = { off: new Contender('off'), on: new Contender('on') };
  try {
    for (const contender of Object.values(contenders)) await contender.start();
    for (let warm = 0; warm < 2; warm++) {
      for (const contender of Object.values(contenders)) await contender.boot();
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const journal of round % 2 === 0 ? (['off', 'on'] as const) : (['on', 'off'] as const)) {
        times[journal].push(await contenders[journal].boot());
      }
    }
  } finally {
    for (const contender of Object.values(contenders)) await contender.stop();
  }
}

const times: Record<Journal, Times[]> = { off: [], on: [] };
for (let n = 0; n < SITTINGS; n++) await sitting(times);

const ms = (value: number) => `${value.toFixed(0)} ms`.padStart(10);
process.stdout.write(
  `${MACHINES} machines, kernel ${SIZES.kernel >> 20} MB, initrd ${SIZES.initrd >> 20} MB, ${times.on.length} boots of each\n`,
);
let slowed = false;
const TITLES = {
  mean: 'a machine, on average',
  last: 'until the last machine',
  processor: 'processor time of services and machines',
} as const;
for (const what of ['mean', 'last', 'processor'] as const) {
  process.stdout.write(`\n${TITLES[what]}\n`);
  for (const journal of ['off', 'on'] as const) {
    const values = times[journal].map((one) => one[what]);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    process.stdout.write(
      `  JOURNAL=${journal.padEnd(3)} median ${ms(median(values))}  least ${ms(least)}  most ${ms(most)}\n`,
    );
  }
  const ratios = times.on.map((on, n) => on[what] / times.off[n]![what]);
  const ratio = median(ratios);
  // A host that is busy otherwise has longer boots, by chance in one or the other.
  if (what !== 'processor') slowed ||= ratio > ALLOWED;
  const shown = ratios.map((one) => one.toFixed(3)).join(' ');
  process.stdout.write(`  ratio on/off, median of pairs: ${ratio.toFixed(3)}  (${shown})\n`);
}
process.stdout.write(slowed ? `\nboots are slowed by more than ${ALLOWED}\n` : '\n');
process.exitCode = slowed ? 1 : 0;
