import registry from 'dhcp/lib/options.js';
import { formatMac, latin1 } from '../protocol/bytes.ts';
import { FLAG_BROADCAST, messageName, OP, OPTION } from '../protocol/dhcp/codes.ts';
import { hardwareAddress, type Packet } from '../protocol/dhcp/packet.ts';
import { formatIpv4 } from '../protocol/ipv4.ts';
import { architecture } from '../protocol/pxe/architecture.ts';

/** Options that PXE and relays use and the package does not know. */
const MISSING = {
  [OPTION.userClass]: { name: 'User Class', type: 'ASCII' },
  [OPTION.relayAgent]: { name: 'Relay Agent Information', type: 'Hex' },
  [OPTION.clientArchitecture]: { name: 'Client System Architecture', type: 'UInt16s' },
  [OPTION.clientInterface]: { name: 'Client Network Interface', type: 'UInt8s' },
  [OPTION.clientMachineId]: { name: 'Client Machine Identifier', type: 'Hex' },
  [OPTION.subnetSelection]: { name: 'Subnet Selection', type: 'IP' },
  [OPTION.ipxe]: { name: 'iPXE Encapsulated Options', type: 'Hex' },
} as const;

for (const [code, entry] of Object.entries(MISSING)) registry.addOption(Number(code), entry);

/** The option's name as people know it: "Bootfile name" for 67. */
export function optionName(code: number): string {
  return registry.opts[code]?.name ?? `Option ${code}`;
}

/** A packet in words, a line each for the header and for every option: for logs and for whoever asks why. */
export function dissect(packet: Packet): string[] {
  const addresses = (['ciaddr', 'yiaddr', 'siaddr', 'giaddr'] as const)
    .filter((field) => packet[field] !== 0)
    .map((field) => `${field} ${formatIpv4(packet[field])}`);
  const header = [
    packet.op === OP.request ? 'request' : 'reply',
    `xid ${packet.xid.toString(16).padStart(8, '0')}`,
    formatMac(hardwareAddress(packet)),
    ...(packet.flags & FLAG_BROADCAST ? ['broadcast'] : []),
    ...(packet.secs ? [`${packet.secs} s`] : []),
    ...addresses,
    ...(packet.sname ? [`sname "${packet.sname}"`] : []),
    ...(packet.file ? [`file "${packet.file}"`] : []),
  ];
  const options = [...packet.options].map(
    ([code, value]) => `${code} ${optionName(code)}: ${valueText(code, value)}`,
  );
  return [header.join(', '), ...options];
}

function valueText(code: number, value: Uint8Array): string {
  const special = SPECIAL[code]?.(value);
  if (special !== undefined) return special;
  const render = TYPES[registry.opts[code]?.type ?? 'Hex'] ?? hex;
  return render(value) ?? hex(value);
}

/** Options whose numbers stand for something. */
const SPECIAL: Record<number, ((value: Uint8Array) => string | undefined) | undefined> = {
  [OPTION.messageType]: (value) => (value.length === 1 ? messageName(value[0]!) : undefined),
  [OPTION.parameterList]: (value) => Array.from(value, (code) => `${code} ${optionName(code)}`).join(', '),
  [OPTION.clientArchitecture]: (value) =>
    numbers(2)(value)
      ?.split(', ')
      .map((code) => `${code} ${architecture(Number(code)).name}`)
      .join(', '),
  // A type byte and an identifier, hardly ever text.
  [OPTION.clientIdentifier]: hex,
};

/** By the package's type names; undefined where the bytes do not have that type's length. */
const TYPES: Record<string, ((value: Uint8Array) => string | undefined) | undefined> = {
  IP: (value) => (value.length === 4 ? addresses(value) : undefined),
  IPs: addresses,
  ASCII: (value) => JSON.stringify(latin1(value).replace(/\0+$/, '')),
  Bool: (value) => (value.length === 1 ? String(value[0] !== 0) : undefined),
  UInt8: numbers(1),
  UInt8s: numbers(1),
  UInt16: numbers(2),
  UInt16s: numbers(2),
  UInt32: numbers(4),
  Int32: (value) =>
    value.length === 4 ? String(new DataView(value.buffer, value.byteOffset).getInt32(0)) : undefined,
  Hex: hex,
};

function addresses(value: Uint8Array): string | undefined {
  return numbersOf(value, 4)?.map(formatIpv4).join(', ');
}

function numbers(width: number) {
  return (value: Uint8Array) => numbersOf(value, width)?.join(', ');
}

function numbersOf(value: Uint8Array, width: number): number[] | undefined {
  if (value.length === 0 || value.length % width !== 0) return undefined;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return Array.from({ length: value.length / width }, (_, index) => bytes.readUIntBE(index * width, width));
}

function hex(value: Uint8Array): string {
  return Buffer.from(value).toString('hex');
}
