import { readFileSync } from 'node:fs';
import { isLocalAddress } from '../../../platform/adapters.ts';
import type { ReportLine } from '../../report.ts';
import { check, type Patient } from '../check.ts';
import { type Filters, readFilters } from '../firewall/filters.ts';
import { type Packet, packetsOf } from '../firewall/packet.ts';
import { type Drop, dropOf } from '../firewall/rules.ts';

export interface FirewallFacts extends Filters {
  readonly packets: readonly Packet[];
}

export const firewall = check('firewall', 'Firewall', gather, judge);

async function gather({ adapter, links, resolution }: Patient): Promise<FirewallFacts> {
  if (resolution.state !== 'ready') throw new Error('the adapter or its address is not there, see above');
  const isBridge = links.some(({ name, kind }) => name === adapter && kind === 'bridge');
  const filters = await readFilters(adapter);
  const { addresses, httpPort } = resolution.profile;
  const elsewhere = [
    ...(isLocalAddress(addresses.tftp) ? [] : [TFTP_PORT]),
    ...(isLocalAddress(addresses.http) ? [] : [httpPort]),
  ];
  const packets = packetsOf(resolution.profile, isBridge && filtersBridges());
  return { ...filters, packets: packets.filter(({ port }) => !elsewhere.includes(port)) };
}

const TFTP_PORT = 69;

/** Whether the packet filter sees what passes between two ports of a bridge, as it does once Docker has been started. */
function filtersBridges(): boolean {
  try {
    return readFileSync('/proc/sys/net/bridge/bridge-nf-call-iptables', 'utf8').trim() === '1';
  } catch {
    return false;
  }
}

export function judge({ packets, tables, unseen }: FirewallFacts): ReportLine[] {
  const found = packets.flatMap((packet) => {
    const drop = dropOf(packet, tables);
    return drop ? [{ packet, drop }] : [];
  });
  const places = Map.groupBy(found, ({ drop }) => `${drop.table} ${drop.base.chain} ${drop.by} ${drop.sure}`);
  const lines = [...places.values()].map((place) =>
    dropLine(
      place[0]!.drop,
      place.map(({ packet }) => packet),
    ),
  );
  for (const { what, reason, remedy } of unseen)
    lines.push({ state: 'unknown', what, detail: `its rules could not be read: ${reason}`, remedy });
  if (lines.length > 0) return lines;
  const ports = [...new Set(packets.map(nameOf))].join(', ');
  const rules = tables.flatMap(({ chains }) => [...chains.values()].flat()).length;
  const detail = rules > 0 ? `its ${rules} rules let ${ports} through` : `no rules; ${ports} are open`;
  return [{ state: 'ok', what: 'packet filter', detail }];
}

function dropLine({ table, base, by, sure }: Drop, packets: readonly Packet[]): ReportLine {
  const who = packets.map(({ about }) => about).join('; ');
  const names = [...new Set(packets.map(nameOf))].join(', ');
  return {
    state: sure ? 'fail' : 'warn',
    what: names,
    detail: `${sure ? 'dropped' : 'perhaps dropped'} by "${by}" in ${table}, chain ${base.chain}: ${who}`,
    remedy: 'let them through; kept over a restart only where the firewall’s own settings say so too',
    command: base.open(packets).join(' && '),
  };
}

function nameOf({ protocol, port }: Packet): string {
  return `${protocol.toUpperCase()} ${port}`;
}
