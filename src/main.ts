import { accessSync, constants } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Command } from './commands/command.ts';
import { loaderSources } from './config/loader-sources.ts';
import type { Paths } from './config/profile.ts';
import type { Service } from './config/resolve.ts';
import { fingerprintOf, readSettings, type Settings, usableSettings } from './config/settings.ts';
import type { Sink } from './journal/event.ts';
import { faultText } from './journal/fault.ts';
import { identify } from './journal/identify.ts';
import type { JournalWriter } from './journal/store/journal-writer.ts';
import { systemClock } from './platform/clock.ts';
import { ControlServer } from './platform/control.ts';
import { controlSocket, healthSocket } from './platform/control-protocol.ts';
import { askHealth } from './platform/health.ts';
import { Lifecycle } from './platform/lifecycle.ts';
import { openLog } from './platform/log.ts';
import { Neighbours } from './platform/neighbours.ts';

const USAGE = `usage: main.ts COMMAND
  dhcp, tftp, http    run that service until SIGTERM
  health SERVICE      say what is wrong with a running service; exit status 1 if anything is
  pull                fetch the iPXE loader into images/ now
  doctor              say what on this host keeps machines from booting, and what mends it; exit status 1 if anything does
  explain MAC         say what that machine would be answered and would load, step by step and why; exit status 1 if it would not boot
  rehearse [--help]   boot a machine that does not exist against the services, stage by stage; exit status 1 if it does not boot
exit status: 0 all well, 1 something failed, 2 wrong usage or configuration`;

/** Those that tell of wrong settings themselves, and go on. */
const WHATEVER_IS_SET: readonly string[] = ['doctor'];
/** What the operator asks for; each prints for itself. */
const COMMANDS: Readonly<Record<string, () => Promise<{ run: Command }>>> = {
  doctor: () => import('./commands/doctor/command.ts'),
  rehearse: () => import('./commands/rehearse/command.ts'),
  explain: () => import('./commands/explain/command.ts'),
};

/** Exit statuses: 0 done, 1 failed, 2 wrong usage or configuration. */
const WRONG = 2;
const SERVICES: readonly string[] = ['dhcp', 'tftp', 'http'] satisfies Service[];
const PACKAGED_LOADERS = '/usr/lib/ipxe';
const RUN_DIRECTORY = '/run/remoteboot';
const HEALTH_TIMEOUT_MS = 4000;
/** A stop that takes longer than this is ended; nothing that was promised waits that long. */
const STOP_WITHIN_MS = 4500;
/** The same once nothing under way is waited for. */
const END_WITHIN_MS = 1000;

async function main([command = '', ...args]: string[]): Promise<number> {
  const [argument = ''] = args;
  const name = command === 'health' ? argument : command;
  const asked = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  const known = command === 'pull' || asked !== undefined || SERVICES.includes(name);
  if (!known) {
    process.stderr.write(`${USAGE}\n`);
    return WRONG;
  }
  const read = readSettings(process.env);
  if (asked && ('settings' in read || WHATEVER_IS_SET.includes(command))) {
    const { run } = await asked();
    const { env: environment, stdout: out, stderr: err } = process;
    const { settings, problems } = usableSettings(environment);
    return run({ args, settings, problems, paths: pathsOf(settings), environment, stopSignal, out, err });
  }
  if ('problems' in read) {
    const format = process.env.LOG_FORMAT === 'json' ? 'json' : 'text';
    openLog({ level: 'info', format, service: command })({ kind: 'config.wrong', problems: read.problems });
    return WRONG;
  }
  const { settings } = read;
  const paths = pathsOf(settings);
  if (command === 'health') return sayHealth(paths, argument);
  const life = new Lifecycle();
  endInTime(life.stop, STOP_WITHIN_MS, life);
  endInTime(life.end, END_WITHIN_MS, life);
  if (command !== 'pull')
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => life.signal(name));
  const log = openLog({ level: settings.LOG_LEVEL, format: settings.LOG_FORMAT, service: command });
  const neighbours = new Neighbours(() => systemClock.monotonic());
  const recording = settings.JOURNAL === 'on' && command !== 'pull';
  const journal = recording
    ? await openJournal(command as Service, settings, paths, (event) => sink(event))
    : undefined;
  const logAndJournal: Sink = (event) => {
    log(event);
    journal?.record(event);
  };
  const sink = identify(logAndJournal, (address) => neighbours.macOf(address));
  guard(sink, command, life);
  return command === 'pull'
    ? pullLoader(settings, paths, sink)
    : serve(command as Service, settings, paths, sink, journal, life);
}

function pathsOf(settings: Settings): Paths {
  return {
    images: path.resolve(settings.IMAGES_DIR),
    state: path.resolve(settings.STATE_DIR),
    loaders: PACKAGED_LOADERS,
    run: writable(RUN_DIRECTORY) ? RUN_DIRECTORY : os.tmpdir(),
  };
}

async function openJournal(
  service: Service,
  settings: Settings,
  paths: Paths,
  told: Sink,
): Promise<JournalWriter> {
  const { JournalWriter, journalFile } = await import('./journal/store/journal-writer.ts');
  return new JournalWriter({
    file: journalFile(paths.state, service),
    clock: systemClock,
    told,
    days: settings.JOURNAL_DAYS,
    bytes: settings.JOURNAL_SIZE * 1e6,
  });
}

async function serve(
  service: Service,
  settings: Settings,
  paths: Paths,
  sink: Sink,
  journal: JournalWriter | undefined,
  life: Lifecycle,
): Promise<number> {
  const [{ Supervisor }, { starters }, { tellHealth }, { giveBackWhenIdle }] = await Promise.all([
    import('./supervise.ts'),
    import('./wiring.ts'),
    import('./health-routes.ts'),
    import('./platform/idle-memory.ts'),
  ]);
  if (service !== 'http') {
    const { useDatagrams } = await import('./platform/udp.ts');
    sink({ kind: 'config.datagrams', service, ...useDatagrams(settings.DATAGRAMS) });
  }
  const start = starters(sink, {
    token: settings.API_TOKEN,
    threads: settings.HTTP_WORKERS,
    journal: settings.JOURNAL === 'on',
    health: () => health.status(),
  })[service];
  const supervisor = new Supervisor({ service, settings, paths, sink, start });
  const files = [healthSocket(paths.run, paths.state, service), controlSocket(paths.state, service)];
  const { monotonic } = systemClock;
  const health = tellHealth({
    service,
    supervisor,
    journal: () => journal?.problems() ?? [],
    since: Date.now(),
    monotonic,
    settings: fingerprintOf(settings),
  });
  const routes = () => ({ ...health.routes, ...supervisor.control });
  const control = new ControlServer({ service, files, routes, sink });
  journal?.start();
  await control.start();
  giveBackWhenIdle();
  await supervisor.run(life.stop, life.end);
  control.close();
  sink({ kind: 'config.stopped', service, signal: String(life.stop.reason) });
  await journal?.stop();
  return statusOf(life);
}

async function pullLoader(settings: Settings, paths: Paths, sink: Sink): Promise<number> {
  const { pull } = await import('./wiring.ts');
  return (await pull(loaderSources(settings), paths.images, sink, stopSignal())) ? 0 : 1;
}

async function sayHealth(paths: Paths, service: string): Promise<number> {
  const answer = await askHealth(healthSocket(paths.run, paths.state, service), service, HEALTH_TIMEOUT_MS);
  const problems = 'reason' in answer ? [answer.reason] : answer.problems;
  process.stdout.write(`${problems.length === 0 ? `${service} is well` : problems.join('\n')}\n`);
  return problems.length === 0 ? 0 : 1;
}

/** For what the operator asks for, which ends at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      stop.abort(name);
      setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref();
    });
  }
  return stop.signal;
}

function statusOf({ isFault }: Lifecycle): number {
  return isFault ? 1 : 0;
}

function endInTime(signal: AbortSignal, milliseconds: number, life: Lifecycle): void {
  signal.addEventListener('abort', () =>
    setTimeout(() => process.exit(statusOf(life)), milliseconds).unref(),
  );
}

/**
 * A fault that nobody caught is told and ends the service: nobody knows what it has left half done, and the next process is up within a
 * second. What strangers send cannot get here: the loops that receive it catch what one packet, connection or transfer does to them.
 */
function guard(sink: Sink, service: string, life: Lifecycle): void {
  const tell = (error: unknown) => {
    sink({ kind: 'config.crashed', service, reason: faultText(error) });
    life.fault();
  };
  process.on('uncaughtException', tell);
  process.on('unhandledRejection', tell);
}

function writable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`remoteboot could not start: ${error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
}
