import { readFile } from 'node:fs/promises';
import type { BootChain } from '../../boot/chain.ts';
import { bootChain } from '../../boot/chain-links.ts';
import type { Profile } from '../../config/profile.ts';
import { fingerprintOf } from '../../config/settings.ts';
import { problemText } from '../../journal/config-events.ts';
import { render } from '../../journal/render.ts';
import { listAdapters } from '../../platform/adapters.ts';
import { ControlTrouble, controlSocket } from '../../platform/control-protocol.ts';
import { askHealth } from '../../platform/health.ts';
import { type Command, type CommandContext, readArguments } from '../command.ts';
import { printReport, type Report, type ReportLine, type Section, STATUS } from '../report.ts';
import { type Dhcp, dhcpOf } from './dhcp.ts';
import { KINDS } from './kinds.ts';
import { readLastBoot } from './last-boot.ts';
import { lookAt } from './look.ts';
import { inShort, sectionsOf, verdictLine } from './present.ts';
import { profileOf } from './profile.ts';
import { type Asked, askedBy } from './questions.ts';

const USAGE = `usage: explain MAC [options]
       explain --packet HEX|FILE [--port 67|4011] [--from ADDRESS:PORT]
  Says what a machine would be answered now, step by step and why, and what it would load; nothing is sent, offered or kept.
  Without --firmware and --architecture it is taken to say what it said when it booted last; one that never did, for every usual kind.
  --firmware      pxe, http (UEFI HTTP Boot), ipxe (in the card), system (an installed one) or raspberry-pi
  --architecture  bios, x64, arm64, ia32, arm32, or the number of option 93
  --host-name     the name that it says (option 12)
  --relay         the address of the relay that it comes through
  --port          4011: what it would be told as by a boot server
  --packet        one DHCP message in hex, or a file with it: what exactly that would be answered
  --from          where that comes from, as 10.0.0.5:68
  --bytes         the packets also as bytes
  --json          one JSON document instead of text
exit status: 0 it would boot, 1 it would not, 2 wrong usage or configuration`;

const TEXT = { type: 'string' } as const;
const OPTIONS = {
  firmware: TEXT,
  architecture: TEXT,
  'host-name': TEXT,
  relay: TEXT,
  port: TEXT,
  packet: TEXT,
  from: TEXT,
  bytes: { type: 'boolean', default: false },
} as const;

/** What has been found out: who asks, and a boot for each kind that was looked at. */
interface Answer {
  readonly title: string;
  readonly about: readonly ReportLine[];
  readonly boots: readonly { readonly kind?: string; readonly chain: BootChain }[];
}

export const run: Command = async (context) => {
  const { settings, paths, out, err } = context;
  const read = readArguments(context, { usage: USAGE, options: OPTIONS, words: 1 });
  if ('status' in read) return read.status;
  const { values, words } = read;
  const packet = values.packet === undefined ? undefined : await contentOf(values.packet);
  const asked = askedBy({ ...values, packet, mac: words[0] });
  if (asked.kind === 'wrong') return wrong(asked.problems.join('\n'), context);
  const format = values.json ? 'json' : 'text';
  const resolution = profileOf(settings, listAdapters(), paths);
  if (resolution.state === 'wrong')
    return wrong(resolution.problems.map(problemText).join('\n'), context, '');
  if (resolution.state === 'waiting') {
    const line = { state: 'fail', what: 'adapter', detail: render(resolution.event).text } as const;
    return printReport(
      { command: 'explain', sections: [{ title: 'Before anything', lines: [line] }] },
      out,
      format,
    );
  }
  try {
    const { profile } = resolution;
    const dhcp = await dhcpOf(profile, () => Math.floor(Date.now() / 1000));
    const answer = await answered(asked, dhcp, profile);
    const about = [...answer.about, ...(await oddities(context, dhcp))];
    return printReport(reportOf({ ...answer, about }, dhcp, values.bytes), out, format);
  } catch (error) {
    if (!(error instanceof ControlTrouble)) throw error;
    err.write(`${error.message}: ${error.remedy}\n`);
    return error.status === 400 ? STATUS.wrong : STATUS.failed;
  }
};

function wrong(what: string, { err }: CommandContext, usage = `${USAGE}\n`): number {
  err.write(`${what}\n${usage}`);
  return STATUS.wrong;
}

/** What was given, or what the file of that name holds. */
async function contentOf(word: string): Promise<string> {
  return /^[0-9a-f\s]*$/i.test(word) ? word : readFile(word, 'utf8').catch(() => word);
}

async function answered(
  asked: Exclude<Asked, { kind: 'wrong' }>,
  { ask, said: basisText }: Dhcp,
  profile: Profile,
): Promise<Answer> {
  const shelf = await lookAt(profile);
  const basis: ReportLine = { state: 'note', what: 'asked', detail: basisText };
  if (asked.kind === 'exactly') {
    const { question } = asked;
    const chain = await bootChain(await ask(question), shelf);
    const title = 'packet' in question ? 'This packet' : question.mac;
    return { title, about: [verdictLine(chain), basis], boots: [{ chain }] };
  }
  const { mac, told } = asked;
  const last = readLastBoot(profile.paths.state, mac, Date.now());
  if (last) {
    const { firmware, like, at, architecture } = last;
    // Its own words do not go with what is told of it now.
    const said = Object.keys(told).length > 0 ? told : { like };
    const kind = architecture === undefined ? { firmware } : { firmware, architecture };
    const chain = await bootChain(await ask({ mac, ...kind, ...said }), shelf);
    const detail = `It is taken to say what it said when it booted last, ${new Date(at).toISOString()}.`;
    return {
      title: mac,
      about: [verdictLine(chain), basis, { state: 'note', what: 'known', detail }],
      boots: [{ chain }],
    };
  }
  const boots = [];
  for (const { name, ...kind } of KINDS) {
    boots.push({ kind: name, chain: await bootChain(await ask({ mac, ...told, ...kind }), shelf) });
  }
  const detail = 'It has not booted here yet, so this is what it would get by what it starts with.';
  return { title: mac, about: [basis, { state: 'note', what: 'known', detail }], boots };
}

const HEALTH_MS = 1000;

/** The service may have been started with other settings than those that the command has. */
async function oddities({ settings, paths }: CommandContext, { basis }: Dhcp): Promise<ReportLine[]> {
  if (basis !== 'running') return [];
  const health = await askHealth(controlSocket(paths.state, 'dhcp'), 'dhcp', HEALTH_MS);
  if ('reason' in health || health.settings === undefined) return [];
  if (health.settings === fingerprintOf(settings)) return [];
  const detail = 'The dhcp service runs with other settings than .env has now.';
  return [{ state: 'warn', what: 'settings', detail, command: 'docker compose up -d' }];
}

function reportOf({ title, about, boots }: Answer, { basis }: Dhcp, withBytes: boolean): Report {
  const data = { basis, boots };
  const [only] = boots;
  if (boots.length === 1 && only)
    return {
      command: 'explain',
      data,
      sections: [{ title, lines: about }, ...sectionsOf(only.chain, withBytes)],
    };
  // One that does not boot is no fault as long as others do.
  const someBoot = boots.some(({ chain }) => chain.state !== 'fail' && chain.links.some(isKernel));
  const lines = boots.map(({ kind = '', chain }) => {
    const line = inShort(kind, chain);
    return line.state === 'fail' && someBoot ? { ...line, state: 'warn' as const } : line;
  });
  const sections: Section[] = [
    { title, lines: about },
    { title: 'By what it starts with', lines },
  ];
  return { command: 'explain', data, sections };
}

const isKernel = (link: BootChain['links'][number]) => link.kind === 'file' && link.stage === 'kernel';
