import type { Client } from '../boot/client.ts';
import type { Plan } from '../boot/plan.ts';
import { OPTION } from '../protocol/dhcp/codes.ts';
import { addressText, text } from '../protocol/dhcp/options.ts';
import { LONGEST_FILE } from '../protocol/dhcp/packet.ts';
import type { Ipv4 } from '../protocol/ipv4.ts';
import { architecture } from '../protocol/pxe/architecture.ts';

export type Field = readonly [code: number, value: Uint8Array];

/** What of a reply makes the client boot. */
export interface BootOptions {
  readonly siaddr: Ipv4;
  readonly file: string;
  /** Sent whatever the client asks for. */
  readonly always: readonly Field[];
  /** Sent where the client asks for them. */
  readonly asked: readonly Field[];
}

const NOTHING: BootOptions = { siaddr: 0, file: '', always: [], asked: [] };

/** iPXE's "no ProxyDHCP": it then does not wait 2–3 s for one (option 175, sub-option 176). */
const NO_PROXY_DHCP: Field = [OPTION.ipxe, Uint8Array.of(176, 1, 1)];
/** EDK2 ignores an offer to HTTP Boot that does not say so in option 60. */
const HTTP_CLIENT: Field = [OPTION.vendorClass, text('HTTPClient')];
const PXE_CLIENT: Field = [OPTION.vendorClass, text('PXEClient')];

/**
 * A Raspberry Pi boots only from a server whose option 43 names it: PXE 2.1 discovery control 3 (no broadcast, no multicast),
 * prompt "PXE" at once, menu entry 0 "Raspberry Pi Boot".
 */
const RASPBERRY_PI: Field = [
  OPTION.vendorSpecific,
  Buffer.concat([
    Buffer.of(6, 1, 3, 10, 4, 0),
    Buffer.from('PXE'),
    Buffer.of(9, 20, 0, 0, 17),
    Buffer.from('Raspberry Pi Boot'),
    Buffer.of(255),
  ]),
];

/**
 * The boot server stands in siaddr, the boot file in `file`, and both in 66 and 67 where they are asked for: ROMs differ in which they
 * read. Options 60 and 43 stay out for a ROM: they would send it to a boot server on port 4011.
 */
export function bootOptions(plan: Plan, tftp: Ipv4): BootOptions {
  const server: Field = [OPTION.tftpServerName, addressText(tftp)];
  switch (plan.kind) {
    case 'none':
    case 'no-loader':
      return NOTHING;
    case 'loader':
      // EDK2 writes a NUL behind an unterminated option 67, past its end.
      return named(plan.file, `${plan.file}\0`, tftp, [], [server]);
    case 'script':
      return named(plan.url, plan.url, tftp, [NO_PROXY_DHCP], [server]);
    case 'http-loader':
      return { siaddr: 0, file: '', always: [HTTP_CLIENT, [OPTION.bootFileName, text(plan.url)]], asked: [] };
    case 'raspberry-pi':
      return { siaddr: tftp, file: '', always: [PXE_CLIENT, RASPBERRY_PI, server], asked: [] };
  }
}

/** PXE 2.1 §2.2.1, discovery control 8: boot the file that this offer names, look for no boot server. */
const BOOT_THIS_FILE: Field = [OPTION.vendorSpecific, Uint8Array.of(6, 1, 8, 255)];

/**
 * The same from a server that gives no address, which is heard only with option 60. A BIOS ROM is told not to look for boot servers; UEFI
 * is not, since EDK2 before 2017 drops a ProxyDHCP offer with option 43, and asks on port 4011.
 */
export function proxyOptions(plan: Plan, client: Client, tftp: Ipv4): BootOptions {
  const boot = bootOptions(plan, tftp);
  switch (plan.kind) {
    case 'loader': {
      const bios = architecture(client.architecture ?? 0).loader === 'bios';
      return { ...boot, always: [PXE_CLIENT, ...(bios ? [BOOT_THIS_FILE] : []), ...boot.always] };
    }
    case 'script':
      return { ...boot, always: [PXE_CLIENT, ...boot.always] };
    default:
      return boot;
  }
}

/** A name that is too long for the `file` field goes into option 67, asked for or not. */
function named(
  file: string,
  option: string,
  siaddr: Ipv4,
  always: readonly Field[],
  asked: readonly Field[],
): BootOptions {
  const name: Field = [OPTION.bootFileName, text(option)];
  return file.length <= LONGEST_FILE
    ? { siaddr, file, always, asked: [name, ...asked] }
    : { siaddr, file: '', always: [name, ...always], asked };
}
