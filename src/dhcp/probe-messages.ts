import { FLAG_BROADCAST, HTYPE_ETHERNET, MESSAGE, OP, OPTION } from '../protocol/dhcp/codes.ts';
import { byte, text } from '../protocol/dhcp/options.ts';
import { encodePacket } from '../protocol/dhcp/packet.ts';
import type { Ipv4 } from '../protocol/ipv4.ts';

/** Who asks in a probe: a machine that does not exist. */
export interface Prober {
  readonly mac: Uint8Array;
  /** Of the first message; the others count on from it. */
  readonly xid: number;
}

/** A unicast address of the range that no card is made with (IEEE 802: "locally administered"), from 6 random bytes. */
export function throwAwayMac(random: Uint8Array): Uint8Array {
  const [first = 0, ...rest] = random.subarray(0, 6);
  return Uint8Array.of((first & 0xfc) | 2, ...rest);
}

const X64 = 7;
const X64_HTTP = 16;
const PARAMETERS = [1, 3, 6, 15, 43, 51, 54, 60, 66, 67];

/** What an installed system, UEFI's PXE and UEFI's HTTP Boot say of themselves. */
const KINDS: readonly (readonly [code: number, value: Uint8Array][])[] = [
  [],
  firmware('PXEClient:Arch:00007:UNDI:003000', X64),
  firmware('HTTPClient:Arch:00016:UNDI:003000', X64_HTTP),
];

/**
 * DISCOVERs of all kinds that servers may answer differently, as datagrams. One hardware address for all of them, so that they cost a
 * server one address, for as long as it keeps an offer.
 *
 * @param seconds since the first try.
 * @param relay asks as a relay of this address does, which is answered on port 67; 0: as a client does.
 */
export function probeMessages(prober: Prober, seconds: number, relay: Ipv4): Uint8Array[] {
  const chaddr = new Uint8Array(16);
  chaddr.set(prober.mac);
  return KINDS.map((kind, index) =>
    encodePacket({
      op: OP.request,
      htype: HTYPE_ETHERNET,
      hlen: prober.mac.length,
      hops: relay === 0 ? 0 : 1,
      xid: (prober.xid + index) >>> 0,
      secs: seconds,
      flags: FLAG_BROADCAST,
      ciaddr: 0,
      yiaddr: 0,
      siaddr: 0,
      giaddr: relay,
      chaddr,
      sname: '',
      file: '',
      options: new Map([
        [OPTION.messageType, byte(MESSAGE.discover)],
        [OPTION.parameterList, Uint8Array.from(PARAMETERS)],
        ...kind,
      ]),
    }),
  );
}

function firmware(vendorClass: string, architecture: number): [number, Uint8Array][] {
  return [
    [OPTION.vendorClass, text(vendorClass)],
    [OPTION.clientArchitecture, Uint8Array.of(architecture >> 8, architecture & 255)],
    [OPTION.clientInterface, Uint8Array.of(1, 3, 0)],
    // A machine without a UUID.
    [OPTION.clientMachineId, new Uint8Array(17)],
  ];
}

const CHADDR_AT = 28;

/** True for a datagram that is about this prober: its own message heard again, or an answer to it. */
export function isAbout(prober: Prober, datagram: Uint8Array): boolean {
  return prober.mac.every((octet, index) => datagram[CHADDR_AT + index] === octet);
}
