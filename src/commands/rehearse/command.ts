import { REHEARSAL } from '../../boot/rehearsal.ts';
import { resolve } from '../../config/resolve.ts';
import { problemText } from '../../journal/config-events.ts';
import { render } from '../../journal/render.ts';
import { listAdapters } from '../../platform/adapters.ts';
import { parseIpv4 } from '../../protocol/ipv4.ts';
import { type Command, readArguments } from '../command.ts';
import { printReport, STATUS } from '../report.ts';
import { Inquiry } from './inquiry.ts';
import { ALL, KINDS, type Kind } from './kinds.ts';
import { Originals } from './originals.ts';
import { reportOf } from './present.ts';
import { Walk, type Walked, type World } from './walk.ts';

const USAGE = `usage: rehearse [bios|uefi|http|ipxe|all] [--mac MAC] [--relay ADDRESS] [--json]
  Boots a machine that does not exist against the services that run here: BIOS PXE, UEFI PXE, UEFI HTTP Boot, iPXE in the card; all of them
  where none is named. Every stage is told with what came and how long it took; the address is given back at the end.
  --mac MAC        as a machine with this hardware address; no lease of that machine is touched
  --relay ADDRESS  as a machine behind the relay with this address (SUBNETS)
  --json           one JSON document instead of text
exit status: 0 all boot, 1 something has failed, 2 wrong usage or configuration`;

const OPTIONS = { mac: { type: 'string' }, relay: { type: 'string' } } as const;
const MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i;

export const run: Command = async (context) => {
  const { settings, paths, out, err } = context;
  const read = readArguments(context, { usage: USAGE, options: OPTIONS, words: 1 });
  if ('status' in read) return read.status;
  const { mac = REHEARSAL.mac, relay: relayText, json } = read.values;
  const [word = 'all'] = read.words;
  const kinds = word === 'all' ? ALL : ALL.filter((kind) => kind === word);
  const relay = relayText === undefined ? undefined : parseIpv4(relayText);
  const wrong = [
    ...(kinds.length === 0 ? [`"${word}" is none of ${ALL.join(', ')}, all`] : []),
    ...(MAC.test(mac) ? [] : [`--mac is "${mac}": give it as 52:54:00:12:34:56`]),
    ...(relayText !== undefined && !relay
      ? [`--relay is "${relayText}": give its address, as 10.1.0.1`]
      : []),
  ];
  if (wrong.length > 0) {
    err.write(`${wrong.join('\n')}\n${USAGE}\n`);
    return STATUS.wrong;
  }
  const format = json ? 'json' : 'text';
  const resolution = resolve(settings, listAdapters(), paths, 'dhcp');
  if (resolution.state !== 'ready') {
    const detail =
      resolution.state === 'wrong'
        ? resolution.problems.map(problemText).join('; ')
        : render(resolution.event).text;
    const lines = [{ state: 'fail', what: 'settings', detail } as const];
    return printReport({ command: 'rehearse', sections: [{ title: 'Before anything', lines }] }, out, format);
  }
  const { profile } = resolution;
  const world: World = {
    profile,
    mac: mac.toLowerCase(),
    relay,
    originals: new Originals(paths),
    inquiry: new Inquiry(profile),
    signal: context.stopSignal(),
  };
  const walked = await walkAll(kinds, world);
  return printReport(reportOf(walked, profile, relay), out, format);
};

/** One after the other: together they are one client, with one address. */
async function walkAll(kinds: readonly Kind[], world: World): Promise<[Kind, Walked][]> {
  const walked: [Kind, Walked][] = [];
  for (const kind of kinds) {
    walked.push([kind, await new Walk(KINDS[kind], world).run()]);
    if (world.signal.aborted) break;
  }
  return walked;
}
