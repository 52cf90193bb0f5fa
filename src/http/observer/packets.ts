import { dissect } from '../../journal/dissection.ts';
import { messageName, OPTION } from '../../protocol/dhcp/codes.ts';
import { decodePacket } from '../../protocol/dhcp/packet.ts';
import type { PacketInWords } from '../api/shapes.ts';

/** A DHCP packet as the journal has it. */
export interface KeptPacket {
  readonly at: number;
  readonly direction: 'received' | 'sent';
  readonly bytes: Uint8Array;
}

/** A packet that cannot be read, as after a fault of the disk, is shown as that. */
export function inWords({ at, direction, bytes }: KeptPacket): PacketInWords {
  try {
    const packet = decodePacket(bytes);
    const type = packet.options.get(OPTION.messageType)?.[0];
    const message = type === undefined ? 'BOOTP' : messageName(type);
    return { at, direction, message, lines: dissect(packet) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { at, direction, message: 'unreadable', lines: [why, Buffer.from(bytes).toString('hex')] };
  }
}
