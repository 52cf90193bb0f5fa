import { MESSAGE, OPTION } from '../../protocol/dhcp/codes.ts';
import { decodePacket } from '../../protocol/dhcp/packet.ts';

const NAMES = new Map<number, string>(Object.entries(MESSAGE).map(([name, code]) => [code, name]));

/** The type of a DHCP message as a label: "discover"; "bootp" where it names none, "other" for types this appliance has no part in. */
export function messageLabel(bytes: Uint8Array): string {
  try {
    const type = decodePacket(bytes).options.get(OPTION.messageType)?.[0];
    return type === undefined ? 'bootp' : typeLabel(type);
  } catch {
    return 'other';
  }
}

/** The same of a type that is known; "other" for 0. */
export function typeLabel(type: number): string {
  return NAMES.get(type) ?? 'other';
}
