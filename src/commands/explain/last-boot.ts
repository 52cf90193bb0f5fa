import { classify, type Firmware } from '../../boot/client.ts';
import type { Overheard } from '../../boot/explanation.ts';
import { JournalReader, type StoredPacket } from '../../journal/store/journal-reader.ts';
import { MESSAGE, OPTION, SERVER_PORT } from '../../protocol/dhcp/codes.ts';
import { byteOf } from '../../protocol/dhcp/options.ts';
import { decodePacket, type Packet } from '../../protocol/dhcp/packet.ts';
import { DecodeError } from '../../protocol/error.ts';

/** What a machine said when it booted last. */
export interface LastBoot {
  readonly firmware: Firmware;
  readonly architecture?: number;
  /** When it began, in milliseconds since 1970. */
  readonly at: number;
  readonly like: readonly Overheard[];
}

interface Heard {
  readonly at: number;
  readonly firmware: Firmware;
  readonly architecture: number | undefined;
  readonly type: number | undefined;
  readonly said: Overheard;
}

/** A boot has a dozen packets, and an installed system renews for days. */
const MOST_PACKETS = 400;

/** Reads it from the journal in `state`; `now` is in milliseconds. Never throws. */
export function readLastBoot(state: string, mac: string, now: number): LastBoot | undefined {
  const reader = new JournalReader(state, () => now);
  try {
    return lastBoot(reader.packets(mac, 0, now, MOST_PACKETS));
  } finally {
    reader.close();
  }
}

/** The last boot among packets that go from the oldest to the newest; undefined where nothing has booted. */
export function lastBoot(packets: readonly StoredPacket[]): LastBoot | undefined {
  const heard = packets.flatMap(understood).filter(({ firmware }) => firmware !== 'other');
  const isFirst = ({ firmware, type }: Heard) => type === MESSAGE.discover && firmware !== 'ipxe';
  // A card with iPXE in it has nothing before that.
  const last = heard.findLastIndex(isFirst);
  const own = last < 0 ? heard : heard.slice(last);
  const first = own.find(({ type }) => type === MESSAGE.discover);
  if (!first) return undefined;
  // Tries that were repeated are one question.
  const lastOf = new Map(own.map((one) => [`${one.firmware} ${one.type} ${one.said.port}`, one]));
  return {
    firmware: first.firmware,
    ...(first.architecture === undefined ? {} : { architecture: first.architecture }),
    at: first.at,
    like: [...lastOf.values()].map(({ said }) => said),
  };
}

const SAID: readonly (number | undefined)[] = [MESSAGE.discover, MESSAGE.request];

function understood({ at, direction, bytes, port }: StoredPacket): Heard[] {
  if (direction !== 'received') return [];
  const packet = decoded(bytes);
  if (!packet) return [];
  const type = byteOf(packet.options, OPTION.messageType);
  const said = { bytes: Buffer.from(bytes).toString('hex'), port: port ?? SERVER_PORT } as const;
  const { firmware, architecture } = classify(packet);
  return SAID.includes(type) ? [{ at, firmware, architecture, type, said }] : [];
}

function decoded(bytes: Uint8Array): Packet | undefined {
  try {
    return decodePacket(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
