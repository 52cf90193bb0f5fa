import type { Firmware } from '../boot/client.ts';
import type { Explanation, Overheard, Supposed } from '../boot/explanation.ts';
import {
  BOOT_SERVER_PORT,
  FLAG_BROADCAST,
  HTYPE_ETHERNET,
  MESSAGE,
  OP,
  OPTION,
  SERVER_PORT,
} from '../protocol/dhcp/codes.ts';
import { byte, long, text } from '../protocol/dhcp/options.ts';
import { encodePacket, type Packet } from '../protocol/dhcp/packet.ts';

type Field = readonly [code: number, value: Uint8Array];

const BIOS = 0;
/** What most machines of our days are, where nobody says. */
const DEFAULT_ARCHITECTURE: Record<Firmware, number | undefined> = {
  pxe: 7,
  http: 16,
  ipxe: 7,
  'raspberry-pi': BIOS,
  other: undefined,
};

const PXE_MENU = [128, 129, 130, 131, 132, 133, 134, 135];
const BIOS_LIST = [
  1, 2, 3, 4, 5, 6, 11, 12, 13, 15, 16, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59, 60, 66, 67,
];
const UEFI_LIST = [1, 2, 3, 4, 5, 6, 12, 13, 15, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59, 60];
/** What iPXE 2.0 of Debian tells of itself: its version, and the features iSCSI to HTTP. */
const IPXE_ENCAPSULATED = Buffer.from(
  'b105011af41000eb03020000170101270101240101130101140101110101150101260101120101',
  'hex',
);

/** The options of a DISCOVER, as real firmware of that kind sends them (test/fixtures/dhcp). */
const FIELDS: Record<Firmware, (architecture: number, mac: Uint8Array) => readonly Field[]> = {
  pxe: (architecture, mac) => [
    size(architecture === BIOS ? 1260 : 1472),
    ...platform('PXEClient', architecture, architecture === BIOS ? [2, 1] : [3, 0]),
    list(architecture === BIOS ? [...BIOS_LIST, ...PXE_MENU] : [...UEFI_LIST, 66, 67, 97, ...PXE_MENU]),
    ...(architecture === BIOS ? [identifier(mac)] : []),
    machine(mac),
  ],
  http: (architecture, mac) => [
    size(1472),
    list([...UEFI_LIST, 235, 67, 97]),
    machine(mac),
    ...platform('HTTPClient', architecture, [3, 0]),
  ],
  ipxe: (architecture, mac) => [
    size(1472),
    ...platform('PXEClient', architecture, architecture === BIOS ? [2, 1] : [3, 10]),
    [OPTION.userClass, text('iPXE')],
    list([1, 3, 6, 7, 12, 15, 17, 26, 42, 43, 60, 66, 67, 119, 121, ...PXE_MENU, 175, 203]),
    [OPTION.ipxe, IPXE_ENCAPSULATED],
    identifier(mac),
    machine(mac),
  ],
  'raspberry-pi': (architecture, mac) => [
    list([1, 3, 43, 60, 66, 67, ...PXE_MENU]),
    ...platform('PXEClient', architecture, [2, 1]),
    [OPTION.clientMachineId, Buffer.concat([Buffer.from('\0RPi4'), Buffer.alloc(6), mac])],
  ],
  other: (_architecture, mac) => [size(576), list([1, 3, 6, 12, 15, 28, 42]), identifier(mac)],
};

type Message = Overheard & { readonly packet: Packet };

/**
 * What such a machine would send, in order. Addresses that it learns from the answers are 0: its own, and the server's.
 *
 * @param mode of the server: with a proxy, the messages to the other server are left out.
 */
export function supposedDialogue(supposed: Supposed, mode: Explanation['mode']): Message[] {
  const discover = discoverOf(supposed);
  const toBootServer = message(asBootServerIsAsked(discover), BOOT_SERVER_PORT);
  if (supposed.port === BOOT_SERVER_PORT) return [toBootServer];
  const isUefi = supposed.firmware === 'pxe' && architectureOf(supposed) !== BIOS;
  const last =
    mode === 'server'
      ? [message(requestAfter(discover, isUefi), SERVER_PORT)]
      : // A BIOS ROM is told to load at once (discovery control 8), and the others go by the offer anyway.
        isUefi
        ? [toBootServer]
        : [];
  return [message(discover, SERVER_PORT), ...last];
}

function message(packet: Packet, port: Overheard['port']): Message {
  return { packet, port, bytes: Buffer.from(encodePacket(packet)).toString('hex') };
}

/** The DISCOVER that such a machine would send first. */
export function supposedRequest(supposed: Supposed): Uint8Array {
  return encodePacket(discoverOf(supposed));
}

function architectureOf({ firmware, architecture }: Supposed): number {
  return architecture ?? DEFAULT_ARCHITECTURE[firmware] ?? BIOS;
}

function discoverOf(supposed: Supposed): Packet {
  const { firmware, hostName, relay = 0 } = supposed;
  const mac = Buffer.from(supposed.mac.replaceAll(':', ''), 'hex');
  return {
    op: OP.request,
    htype: HTYPE_ETHERNET,
    hlen: mac.length,
    hops: relay === 0 ? 0 : 1,
    xid: mac.readUInt32BE(2),
    secs: 0,
    // An installed system takes a unicast; firmware most often wants a broadcast.
    flags: firmware === 'other' ? 0 : FLAG_BROADCAST,
    ciaddr: 0,
    yiaddr: 0,
    siaddr: 0,
    giaddr: relay,
    chaddr: Buffer.concat([mac, Buffer.alloc(16 - mac.length)]),
    sname: '',
    file: '',
    options: new Map([
      [OPTION.messageType, byte(MESSAGE.discover)],
      ...FIELDS[firmware](architectureOf(supposed), mac),
      ...(hostName ? [[OPTION.hostName, text(hostName)] as const] : []),
    ]),
  };
}

/** EDK2 says in its PXE request that it takes packets of any size. */
const ANY_SIZE = 0xff00;

function requestAfter(discover: Packet, isUefi: boolean): Packet {
  const options = new Map([
    ...discover.options,
    [OPTION.messageType, byte(MESSAGE.request)] as const,
    [OPTION.serverIdentifier, long(0)] as const,
    [OPTION.requestedAddress, long(0)] as const,
    ...(isUefi ? [size(ANY_SIZE)] : []),
  ]);
  return { ...discover, options };
}

/** It has its address by then, and asks by unicast. */
function asBootServerIsAsked(discover: Packet): Packet {
  const options = new Map([...discover.options, [OPTION.messageType, byte(MESSAGE.request)] as const]);
  return { ...discover, flags: 0, options };
}

const size = (bytes: number): Field => [OPTION.maxMessageSize, Uint8Array.of(bytes >> 8, bytes & 255)];
const list = (codes: readonly number[]): Field => [OPTION.parameterList, Uint8Array.from(codes)];
const identifier = (mac: Uint8Array): Field => [OPTION.clientIdentifier, Uint8Array.of(1, ...mac)];
/** A GUID: type 0, then 16 bytes. */
const machine = (mac: Uint8Array): Field => [OPTION.clientMachineId, Buffer.concat([Buffer.alloc(11), mac])];

/** Options 60, 93 and 94 say the same thing three times (RFC 4578 §2). */
function platform(name: string, architecture: number, [major, minor]: readonly [number, number]): Field[] {
  const digits = (value: number, width: number) => String(value).padStart(width, '0');
  const undi = `${digits(major, 3)}${digits(minor, 3)}`;
  return [
    [OPTION.clientArchitecture, Uint8Array.of(architecture >> 8, architecture & 255)],
    [OPTION.clientInterface, Uint8Array.of(1, major, minor)],
    [OPTION.vendorClass, text(`${name}:Arch:${digits(architecture, 5)}:UNDI:${undi}`)],
  ];
}
