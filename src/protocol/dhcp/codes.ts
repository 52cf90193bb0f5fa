/** BOOTP op field (RFC 2131 §2). */
export const OP = { request: 1, reply: 2 } as const;

/** DHCP message types, option 53. https://www.iana.org/assignments/bootp-dhcp-parameters */
export const MESSAGE = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const;

export type MessageType = (typeof MESSAGE)[keyof typeof MESSAGE];

/** "DISCOVER" for 1; "type 14" for a type that no RFC 2131 server takes part in. */
export function messageName(type: number): string {
  return NAMES.get(type) ?? `type ${type}`;
}

const NAMES = new Map<number, string>(
  Object.entries(MESSAGE).map(([name, code]) => [code, name.toUpperCase()]),
);

/**
 * Option codes. https://www.iana.org/assignments/bootp-dhcp-parameters; 175 is Etherboot's and iPXE's own
 * (https://ipxe.org/howto/dhcpd).
 */
export const OPTION = {
  pad: 0,
  subnetMask: 1,
  router: 3,
  dns: 6,
  hostName: 12,
  domainName: 15,
  broadcastAddress: 28,
  vendorSpecific: 43,
  requestedAddress: 50,
  leaseTime: 51,
  overload: 52,
  messageType: 53,
  serverIdentifier: 54,
  parameterList: 55,
  message: 56,
  maxMessageSize: 57,
  renewalTime: 58,
  rebindingTime: 59,
  vendorClass: 60,
  clientIdentifier: 61,
  tftpServerName: 66,
  bootFileName: 67,
  userClass: 77,
  relayAgent: 82,
  clientArchitecture: 93,
  clientInterface: 94,
  clientMachineId: 97,
  subnetSelection: 118,
  ipxe: 175,
  end: 255,
} as const;

/** ARP hardware type of Ethernet in htype (RFC 1700). */
export const HTYPE_ETHERNET = 1;

/** Broadcast bit of the flags field: the client cannot take a unicast before it has an address (RFC 2131 §2). */
export const FLAG_BROADCAST = 0x8000;

export const SERVER_PORT = 67;
export const CLIENT_PORT = 68;
/** Where PXE clients ask a boot server that is not the DHCP server (PXE 2.1 §2.2.4). */
export const BOOT_SERVER_PORT = 4011;
