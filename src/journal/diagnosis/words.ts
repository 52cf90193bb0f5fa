import { describe } from '../../boot/describe.ts';
import type { Plan } from '../../boot/plan.ts';
import { formatIpv4, type Ipv4 } from '../../protocol/ipv4.ts';
import { architecture } from '../../protocol/pxe/architecture.ts';
import type { ForeignServer } from '../foreign-events.ts';
import type { Boot } from '../timeline/boot.ts';

/** "74 kB", "14.2 MB" */
export function sizeText(bytes: number): string {
  if (bytes < 10_000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** "8 s", "2 minutes" */
export function spanText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} minutes`;
}

/** "PXE, UEFI x64" */
export function machineText({ firmware, architecture }: Boot): string {
  return describe({ firmware, architecture, hostName: undefined });
}

/** "UEFI x64" */
export function architectureText({ architecture: code }: Boot): string {
  return code === undefined ? 'this machine' : architecture(code).name;
}

/** Who asks by DHCP at the moment: "its firmware", "its iPXE". */
export function askerText(boot: Boot): string {
  return boot.asked.ipxe ? 'its iPXE' : 'its firmware';
}

/** "10.0.0.3 (52:54:00:00:00:03)", with the hardware address where a look has found it. */
export function serverText(server: Ipv4, foreign: readonly ForeignServer[]): string {
  const mac = foreign.find((one) => one.server === server)?.mac;
  return mac ? `${formatIpv4(server)} (${mac})` : formatIpv4(server);
}

/** "A, B and C" */
export function listText(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** What the machine was told to load: a file or a URL. */
export function planText(plan: Plan | undefined): string | undefined {
  switch (plan?.kind) {
    case 'loader':
      return plan.file;
    case 'http-loader':
    case 'script':
      return plan.url;
    case 'raspberry-pi':
      return 'its files';
    default:
      return undefined;
  }
}

/** ", which tells machines to boot pxelinux.0 from 10.0.0.3"; empty where it tells nothing, or that is not known. */
export function bootsText(server: Ipv4, foreign: readonly ForeignServer[]): string {
  const boots = foreign.find((one) => one.server === server)?.boots ?? [];
  return boots.length > 0 ? `, which tells machines to boot ${listText(boots)}` : '';
}
