import type { Profile } from '../config/profile.ts';
import type { Sink } from '../journal/event.ts';
import { SystemCallError } from '../platform/libc.ts';
import { portHolder } from '../platform/port-holder.ts';
import { type Datagram, type DatagramSocket, openUdp } from '../platform/udp.ts';
import { BOOT_SERVER_PORT, SERVER_PORT } from '../protocol/dhcp/codes.ts';
import { formatIpv4 } from '../protocol/ipv4.ts';
import type { ServedMode } from './foreign-watch.ts';

type Receive = (datagrams: readonly Datagram[]) => void;
/** True where the failure is not worth telling. */
type Refused = (datagram: Datagram, error: Error) => boolean;

export interface PortOptions {
  readonly profile: Profile;
  readonly sink: Sink;
  readonly failed: (error: Error) => void;
}

/** A rack's worth of DISCOVERs that arrive while the event loop is busy. */
const RECEIVE_BUFFER = 4 << 20;

export function openServerPort(
  options: PortOptions,
  receive: Receive,
  refused: Refused,
): Promise<DatagramSocket> {
  return open(options, SERVER_PORT, receive, refused);
}

/** A proxy cannot do without port 4011; a server of addresses can, and says so: hardly any ROM asks there. */
export async function openBootServerPort(
  options: PortOptions,
  mode: ServedMode,
  receive: Receive,
): Promise<DatagramSocket | undefined> {
  try {
    return await open(options, BOOT_SERVER_PORT, receive);
  } catch (error) {
    const taken = error instanceof SystemCallError && error.code === 'EADDRINUSE';
    if (!taken || mode === 'proxy') throw error;
    options.sink({ kind: 'dhcp.no-boot-server-port', holder: portHolder('UDP', BOOT_SERVER_PORT) });
    return undefined;
  }
}

function open(
  { profile, sink, failed }: PortOptions,
  port: number,
  batch: Receive,
  refused: Refused = () => false,
): Promise<DatagramSocket> {
  return openUdp(
    { port, adapter: profile.adapter.name, receiveBuffer: RECEIVE_BUFFER },
    {
      batch,
      sendFailed(datagram, error) {
        if (refused(datagram, error)) return;
        sink({ kind: 'dhcp.send-failed', address: formatIpv4(datagram.address), reason: error.message });
      },
      failed,
    },
  );
}
