import { formatMac, latin1 } from '../protocol/bytes.ts';
import { OPTION } from '../protocol/dhcp/codes.ts';
import { type Options, textOf, wordOf } from '../protocol/dhcp/options.ts';
import { hardwareAddress, type Packet } from '../protocol/dhcp/packet.ts';
import { readFeatures } from '../protocol/ipxe/features.ts';

/** What kind of program is asking. */
export type Firmware =
  /** A PXE ROM or UEFI's PXE client. */
  | 'pxe'
  /** UEFI HTTP Boot. */
  | 'http'
  /** iPXE, in the card or fetched as first stage. */
  | 'ipxe'
  /** The boot loader of a Raspberry Pi 3, 4 or 5. */
  | 'raspberry-pi'
  /** An ordinary DHCP client: an installed system. */
  | 'other';

/** Who asks, read from one packet alone. */
export interface Client {
  /** Key of its lease: the hardware address, or the client identifier where there is none. */
  readonly key: string;
  /** For people; the client identifier in hex where there is no hardware address. */
  readonly mac: string;
  readonly firmware: Firmware;
  /** Option 93; undefined where the client does not say. */
  readonly architecture: number | undefined;
  /** What this build of iPXE can do (protocol/ipxe/features.ts); undefined where the client does not say. */
  readonly features: ReadonlySet<number> | undefined;
  /** Option 12, as sent. */
  readonly hostName: string | undefined;
}

/** What of a client goes into events: whoever reads them tells the stages of a boot apart by it. */
export type Asker = Pick<Client, 'firmware' | 'architecture' | 'hostName'>;

export function askerOf({ firmware, architecture, hostName }: Client): Asker {
  return { firmware, architecture, hostName };
}

/** What all machines of one model say alike. A Raspberry Pi, which is told by more than that, counts as 'pxe' here. */
export type Traits = Pick<Client, 'firmware' | 'architecture' | 'features'>;

/** @param traits those of the packet, where they are known already. */
export function classify(packet: Packet, traits: Traits = traitsOf(packet.options)): Client {
  const { key, mac } = identify(packet);
  return {
    key,
    mac,
    firmware: traits.firmware === 'pxe' && isRaspberryPi(packet) ? 'raspberry-pi' : traits.firmware,
    architecture: traits.architecture,
    features: traits.features,
    hostName: textOf(packet.options, OPTION.hostName),
  };
}

/** Told by options 60, 77, 93 and 175 alone. */
export function traitsOf(options: Options): Traits {
  return {
    firmware: firmwareOf(options),
    architecture: architectureOf(options),
    features: readFeatures(options.get(OPTION.ipxe)),
  };
}

/**
 * Firmware is told by 77, 175 and 93 before 60: undionly.kpxe after a ProxyDHCP menu sends a bare `PXEClient`, and an iPXE with
 * a user class of its own still carries option 175.
 */
function firmwareOf(options: Options): Firmware {
  if (options.has(OPTION.ipxe) || isIpxeClass(options.get(OPTION.userClass))) return 'ipxe';
  const vendorClass = textOf(options, OPTION.vendorClass) ?? '';
  if (vendorClass.startsWith('PXEClient')) return 'pxe';
  if (vendorClass.startsWith('HTTPClient')) return 'http';
  return 'other';
}

/** Address blocks of the Raspberry Pi foundation and company (IEEE registry). */
const RASPBERRY_PI_BLOCKS = [0x28cdc1, 0x2ccf67, 0x88a29e, 0xb827eb, 0xd83add, 0xdca632, 0xe45f01];
/** What its EEPROM puts at the start of option 97 (rpi-eeprom, DHCP_OPTION97), behind a 0; the board's type and serial follow. */
const RASPBERRY_PI_ID = Buffer.from('RPi');

/** It calls itself an x86 BIOS (option 93 = 0); sent to undionly.kpxe it would hang. */
function isRaspberryPi({ options, chaddr, hlen }: Packet): boolean {
  const id = options.get(OPTION.clientMachineId);
  if (id && RASPBERRY_PI_ID.every((octet, n) => id[1 + n] === octet)) return true;
  const block = (chaddr[0]! << 16) | (chaddr[1]! << 8) | chaddr[2]!;
  if (hlen !== 6 || !RASPBERRY_PI_BLOCKS.includes(block)) return false;
  return (wordOf(options, OPTION.clientArchitecture) ?? 0) === 0;
}

/** iPXE sends its user class bare; RFC 3004 wants each class behind a length byte. Both are met. */
function isIpxeClass(userClass: Uint8Array | undefined): boolean {
  if (!userClass) return false;
  if (isIpxeName(userClass)) return true;
  for (let at = 0; at < userClass.length; at += 1 + userClass[at]!) {
    if (isIpxeName(userClass.subarray(at + 1, at + 1 + userClass[at]!))) return true;
  }
  return false;
}

function isIpxeName(bytes: Uint8Array): boolean {
  const name = latin1(bytes);
  return name === 'iPXE' || name === 'gPXE';
}

/** The first of the list of 16-bit numbers that RFC 4578 allows. */
function architectureOf(options: Options): number | undefined {
  const value = options.get(OPTION.clientArchitecture);
  if (value && value.length > 2 && value.length % 2 === 0) return (value[0]! << 8) | value[1]!;
  return wordOf(options, OPTION.clientArchitecture);
}

/**
 * Firmware, iPXE and the installed system of one machine send different client identifiers; keyed on those they would
 * use up three addresses. So the hardware address counts, 61 only where there is none (InfiniBand, some tunnels).
 */
function identify(packet: Packet): Pick<Client, 'key' | 'mac'> {
  const hardware = hardwareAddress(packet);
  if (hardware.some((octet) => octet !== 0)) {
    const mac = formatMac(hardware);
    return { key: `${packet.htype}/${mac}`, mac };
  }
  const id = packet.options.get(OPTION.clientIdentifier);
  const mac = id ? formatMac(id) : '';
  return { key: id ? `id/${mac}` : '', mac };
}
