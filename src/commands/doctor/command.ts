import { DEFAULT_BRIDGE, resolve } from '../../config/resolve.ts';
import { listAdapters } from '../../platform/adapters.ts';
import { systemClock } from '../../platform/clock.ts';
import { controlSocket } from '../../platform/control-protocol.ts';
import { askHealth } from '../../platform/health.ts';
import { type Link, listLinks } from '../../platform/links.ts';
import { type Command, type CommandContext, readArguments, wrongUsage } from '../command.ts';
import { printReport } from '../report.ts';
import type { Patient } from './check.ts';
import { CHECKS } from './checks.ts';
import { examine, summaryOf } from './examine.ts';
import { readSeen } from './seen.ts';

const NAMES: readonly string[] = CHECKS.map(({ name }) => name);
const USAGE = `usage: doctor [--json] [CHECK ...]
  Looks at what machines need to boot from this host, and says what mends what is wrong. It changes nothing.
  CHECK     one of ${NAMES.join(', ')}; without any, all
  --json    one JSON document instead of text
exit status: 0 nothing has failed, 1 something has, 2 wrong usage`;

/** For the whole: operators wait for 8 s, not for longer. */
const LIMIT_MS = 7500;
/** tftp reads its loader back first. */
const HEALTH_MS = 2000;

export const run: Command = async (context) => {
  const read = readArguments(context, { usage: USAGE, options: {}, words: NAMES.length });
  if ('status' in read) return read.status;
  const stranger = read.words.find((word) => !NAMES.includes(word));
  if (stranger !== undefined) return wrongUsage(context, `"${stranger}" is no check`, USAGE);
  const wanted = CHECKS.filter(({ name }) => read.words.length === 0 || read.words.includes(name));
  const { monotonic } = systemClock;
  const end = monotonic() + LIMIT_MS;
  const patient = await patientOf(context);
  const sections = await examine(patient, wanted, end - monotonic());
  return printReport(
    { command: 'doctor', sections, summary: summaryOf(sections) },
    context.out,
    read.values.json ? 'json' : 'text',
  );
};

/** What the checks look at, on this host and now. */
export async function patientOf(
  context: Pick<CommandContext, 'settings' | 'problems' | 'environment' | 'paths'>,
  now = Date.now(),
): Promise<Patient> {
  const { settings, problems, environment, paths } = context;
  const adapters = listAdapters();
  const ask = (service: string) => askHealth(controlSocket(paths.state, service), service, HEALTH_MS);
  const [dhcp, tftp, http] = await Promise.all([ask('dhcp'), ask('tftp'), ask('http')]);
  return {
    settings,
    problems,
    environment,
    paths,
    adapters,
    links: links(),
    resolution: resolve(settings, adapters, paths, 'dhcp'),
    adapter: settings.ADAPTER ?? DEFAULT_BRIDGE.name,
    health: { dhcp, tftp, http },
    seen: readSeen(paths.state, now),
    now,
    uid: process.geteuid?.() ?? 0,
    stop: AbortSignal.timeout(LIMIT_MS),
  };
}

/** Without them it is not known what an adapter belongs to; everything else is. */
function links(): readonly Link[] {
  try {
    return listLinks();
  } catch {
    return [];
  }
}
