import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEMO_SYSTEM } from '../src/assets/demo-system.ts';
import { bridgeAddress, untilReady } from './appliance.ts';
import { consoleLines } from './console.ts';
import { provideSystem, type System } from './images.ts';
import { BRIDGE, MAC, machineCommand } from './machine.ts';
import { type Plan, plan } from './plan.ts';

/** Made in the image build: see demo/system/make. */
const MADE = '/demo';
/** What demo/system/init says last. */
const BOOTED = /^Booted by remoteboot\./;
/** Exit statuses: 0 done, 1 failed, 2 wrong configuration. */
const [FAILED, WRONG] = [1, 2];

const say = (line: string) => process.stdout.write(`${line}\n`);

async function demo(signal: AbortSignal): Promise<number> {
  const settled = plan(process.env, process.arch);
  if (!settled.run) {
    for (const line of settled.refusal) process.stderr.write(`${line}\n`);
    return WRONG;
  }
  const system = await provideSystem(process.env.IMAGES_DIR ?? '/images', MADE, settled.kernel);
  const address = await bridgeAddress(say, signal);
  const page = `http://${address}${settled.httpPort === 80 ? '' : `:${settled.httpPort}`}/`;
  await untilReady(page, say, signal);
  introduce(settled, system, page);
  return runMachine(settled, page, signal);
}

function introduce({ machine }: Plan & { run: true }, system: System, page: string): void {
  say(`A virtual machine (${machine}, MAC ${MAC}) is switched on, on the bridge ${BRIDGE}.`);
  if (system.whose === 'user') {
    say(
      `It boots what images/ holds, ${system.kernel}. Of Linux only what goes to the serial port is seen here:`,
    );
    say("CMDLINE='console=ttyS0' in .env sends the kernel's messages there.");
  }
  say(`Watch it boot at ${page}`);
}

/** @returns when the machine has switched itself off, or `signal` has switched it off. */
async function runMachine(
  { machine }: Plan & { run: true },
  page: string,
  signal: AbortSignal,
): Promise<number> {
  const flash = { code: join(MADE, 'code.fd'), variables: join(tmpdir(), 'variables.fd') };
  await copyFile(join(MADE, 'variables.fd'), flash.variables);
  signal.throwIfAborted();
  const start = performance.now();
  const qemu = spawn(...machineCommand(machine, flash), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(qemu, 'close') as Promise<[number | null]>;
  signal.addEventListener('abort', () => qemu.kill('SIGKILL'));
  let booted = false;
  for await (const line of consoleLines(qemu.stdout)) {
    say(line);
    if (booted || !BOOTED.test(line)) continue;
    booted = true;
    conclude(page, (performance.now() - start) / 1000);
  }
  const [status] = await ended;
  if (signal.aborted) return 0;
  say(status === 0 ? 'The machine has switched itself off.' : `QEMU ended with status ${status}.`);
  return status === 0 ? 0 : FAILED;
}

function conclude(page: string, seconds: number): void {
  say(`It has booted over the network, ${seconds.toFixed(0)} s after it was switched on. See how at ${page}`);
  say('It goes on running; Ctrl-C ends it.');
  say(
    `Machines boot images/${DEMO_SYSTEM.kernel} and images/${DEMO_SYSTEM.initrd} until there is a kernel of yours, or those are deleted.`,
  );
}

const stop = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
try {
  process.exitCode = await demo(stop.signal);
} catch (error) {
  if (!stop.signal.aborted) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = FAILED;
  }
}
