import type { Firmware } from '../boot/client.ts';
import type { ExactPacket, Overheard, Supposed } from '../boot/explanation.ts';
import type { Sink } from '../journal/event.ts';
import type { LeaseStore } from '../leases/lease.ts';
import { type ControlRoutes, ControlTrouble } from '../platform/control-protocol.ts';
import { BOOT_SERVER_PORT, SERVER_PORT } from '../protocol/dhcp/codes.ts';
import { DecodeError } from '../protocol/error.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../protocol/ipv4.ts';
import { type Answering, explain, explainPacket } from './explain.ts';

export interface OperatorOptions {
  readonly answering: Answering;
  /** Where leases are kept; undefined where none are given. */
  readonly store?: Pick<LeaseStore, 'save'>;
  readonly sink: Sink;
  /** Seconds since 1970. */
  readonly now: () => number;
}

/** What people can ask of a running dhcp service: to explain an answer, and to free an address. */
export function operatorRoutes(options: OperatorOptions): ControlRoutes {
  return {
    'POST /explain': (body) => explained(body, options),
    'POST /release': (body) => release(body, options),
  };
}

function explained(body: unknown, { answering, now }: OperatorOptions) {
  try {
    return fields(body).packet === undefined
      ? explain(supposedIn(body), answering, now())
      : explainPacket(exactIn(body), answering, now());
  } catch (error) {
    if (error instanceof DecodeError) throw wrong('packet', error.message, 'a DHCP packet in hex');
    throw error;
  }
}

async function release(body: unknown, { answering, store, sink, now }: OperatorOptions) {
  const { address: text, by } = fields(body);
  const address = typeof text === 'string' ? parseIpv4(text) : undefined;
  if (address === undefined) throw wrong('address', text, 'an IPv4 address, as 10.0.0.5');
  if (answering.mode === 'proxy' || !store)
    throw new ControlTrouble(
      409,
      'another server gives the addresses (MODE=proxy), so there is none to free here',
      'free it on that server',
    );
  const { local, relayed } = answering.scopes;
  const at = now();
  const freed = [local, ...relayed]
    .values()
    .map(({ book }) => book.free(address, at))
    .find((one) => one !== undefined);
  if (!freed)
    throw new ControlTrouble(
      404,
      `${text} is leased to nobody here`,
      'see GET /api/leases for the addresses that are',
    );
  const { was, changes } = freed;
  try {
    await store.save(changes);
  } catch (error) {
    throw new ControlTrouble(
      503,
      `that ${text} is free could not be stored: ${(error as Error).message}`,
      'make sure that the disk is not full and that STATE_DIR can be written',
    );
  }
  const state = was.state === 'bound' && was.expires <= at ? 'expired' : was.state;
  sink({
    kind: 'dhcp.freed',
    mac: was.mac,
    address,
    was: state,
    by: typeof by === 'string' ? by : 'this host',
  });
  return { address: formatIpv4(address), mac: was.mac, was: state };
}

const FIRMWARE: readonly string[] = ['pxe', 'http', 'ipxe', 'raspberry-pi', 'other'] satisfies Firmware[];
const MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i;
/** Option 12 as DNS has host names; longer ones would not fit into a packet. */
const HOST_NAME = /^[\x21-\x7e]{1,63}$/;

function supposedIn(body: unknown): Supposed {
  const { mac, firmware = 'pxe', architecture, hostName, relay, port, like } = fields(body);
  if (typeof mac !== 'string' || !MAC.test(mac)) throw wrong('mac', mac, 'as 52:54:00:12:34:56');
  if (typeof firmware !== 'string' || !FIRMWARE.includes(firmware))
    throw wrong('firmware', firmware, `one of ${FIRMWARE.join(', ')}`);
  if (architecture !== undefined && !isWord(architecture))
    throw wrong('architecture', architecture, 'the number of option 93, as 7 for UEFI x64');
  if (hostName !== undefined && (typeof hostName !== 'string' || !HOST_NAME.test(hostName)))
    throw wrong('hostName', hostName, '1 to 63 letters, digits and signs');
  const giaddr = relay === undefined ? undefined : relayIn(relay);
  return {
    mac: mac.toLowerCase(),
    firmware: firmware as Firmware,
    ...(architecture === undefined ? {} : { architecture }),
    ...(hostName === undefined ? {} : { hostName }),
    ...(giaddr === undefined ? {} : { relay: giaddr }),
    ...(port === undefined ? {} : { port: portIn(port) }),
    ...(Array.isArray(like) ? { like: like.slice(0, MOST_HEARD).map(overheardIn) } : {}),
  };
}

/** More than a boot has. */
const MOST_HEARD = 50;
const HEX = /^([0-9a-f]{2}){1,1500}$/i;

function overheardIn(one: unknown): Overheard {
  const { bytes, port } = fields(one);
  if (typeof bytes !== 'string' || !HEX.test(bytes)) throw wrong('bytes', bytes, 'a DHCP packet in hex');
  return { bytes: bytes.toLowerCase(), port: portIn(port) };
}

function exactIn(body: unknown): ExactPacket {
  const { packet, port, from } = fields(body);
  const [, address, sender] = /^([0-9.]+):(\d{1,5})$/.exec(typeof from === 'string' ? from : '') ?? [];
  if (from !== undefined && (!address || parseIpv4(address) === undefined))
    throw wrong('from', from, 'where the packet comes from, as 10.0.0.5:68');
  const one = overheardIn({ bytes: packet, port });
  return { ...one, ...(address ? { from: { address, port: Number(sender) } } : {}) };
}

function portIn(port: unknown = SERVER_PORT): Overheard['port'] {
  if (port === SERVER_PORT || port === BOOT_SERVER_PORT) return port;
  throw wrong('port', port, '67, or 4011 for what a boot server is asked');
}

function relayIn(relay: unknown): Ipv4 {
  const address = typeof relay === 'string' ? parseIpv4(relay) : undefined;
  if (!address) throw wrong('relay', relay, 'the IPv4 address of the relay, as 10.1.0.1');
  return address;
}

function isWord(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffff;
}

function fields(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}

function wrong(field: string, seen: unknown, right: string): ControlTrouble {
  const what = seen === undefined ? `${field} is missing` : `${field} is ${JSON.stringify(seen)}`;
  return new ControlTrouble(400, what, `give ${field}: ${right}`);
}
