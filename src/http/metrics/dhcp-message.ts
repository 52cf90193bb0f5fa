import { MESSAGE, OPTION } from '../../protocol/dhcp/codes.ts';
import { decodePacket } from '../../protocol/dhcp/packet.ts';

const NAMES = new Map<number, string>(Object.entries(MESSAGE).map(([name, code]) => [code, name]));

/** The type of a DHCP message as a label: "discover"; "bootp" where it names none, "other" for types this appliance has no part in. */
export function messageLabel(bytes: Uint8Array): string {
  try {
    const type = decodePacket(bytes).options.get(OPTION.messageType)?.[0];
    return type === undefined ? 'bootp' : (NAMES.get(type) ?? 'other');
  } catch {
    return 'other';
  }
}
