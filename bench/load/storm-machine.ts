import { readTftp } from '../../src/commands/rehearse/tftp-read.ts';
import { OPTION } from '../../src/protocol/dhcp/codes.ts';
import { textOf } from '../../src/protocol/dhcp/options.ts';
import type { Packet } from '../../src/protocol/dhcp/packet.ts';
import { formatIpv4 } from '../../src/protocol/ipv4.ts';
import { DhcpPort, type Lease, obtain } from '../../test/lab/fleet/dhcp-client.ts';
import type { DhcpStage, Identity } from '../../test/lab/fleet/packets.ts';
import { filesOf } from '../../test/lab/fleet/reading.ts';
import { isContent } from '../content.ts';
import { HttpConnection } from './http-connection.ts';

const BROADCAST_FLAG = 0x8000;
/** As undionly.kpxe's host, a BIOS, asks. */
const BLKSIZE = '1456';
const TRIES = 20;
const TFTP_PATIENCE = { resendMs: 4000, resends: 6 } as const;

/** Asks for answers to everyone: the adapter stands for a thousand machines, and hears no frames to their hardware addresses. */
export class StormPort extends DhcpPort {
  override say(packet: Packet): void {
    super.say({ ...packet, flags: BROADCAST_FLAG });
  }
}

export interface StormWorld {
  readonly port: StormPort;
  /** What the loader is to be. */
  readonly loader: Buffer;
  /** Offers that a server took back with a NAK, after which the machine begins anew, as firmware does. */
  takenBack: number;
}

/** What a machine got, and when (milliseconds of performance.now()). */
export interface Booted {
  readonly address: number;
  readonly loaded: number;
  readonly done: number;
  readonly bytes: number;
}

/** One machine boots, as a BIOS with undionly.kpxe does. @throws Error where it cannot, with the reason. */
export async function boot(world: StormWorld, number: number): Promise<Booted> {
  const mac = `52:54:01:${[16, 8, 0].map((shift) => ((number >> shift) & 0xff).toString(16).padStart(2, '0')).join(':')}`;
  const identity = { mac, kind: 'bios', hostName: `machine-${number}` } as const;
  const first = await lease(world, identity, 'address');
  const address = performance.now();
  let bytes = await loadLoader(world, first);
  const loaded = performance.now();
  const second = await lease(world, identity, 'ipxe');
  const script = new URL(bootFile(second.ack));
  const connection = new HttpConnection(script.hostname, Number(script.port || 80), second.address);
  try {
    bytes += await loadSystem(connection, script);
  } finally {
    connection.close();
  }
  return { address, loaded, done: performance.now(), bytes };
}

async function lease(world: StormWorld, identity: Identity, stage: DhcpStage): Promise<Lease> {
  for (let tries = 1; ; tries++) {
    try {
      return await obtain(world.port, identity, stage);
    } catch (error) {
      if (tries === TRIES) throw error;
      world.takenBack += 1;
    }
  }
}

const bootFile = ({ options, file }: Packet): string => textOf(options, OPTION.bootFileName) ?? file;

async function loadLoader({ loader }: StormWorld, { address, ack }: Lease): Promise<number> {
  let at = 0;
  let right = true;
  const result = await readTftp({
    server: formatIpv4(ack.siaddr),
    from: address,
    file: bootFile(ack),
    options: { blksize: BLKSIZE },
    ...TFTP_PATIENCE,
    take(data) {
      right &&= loader.compare(data, 0, data.length, at, Math.min(at + data.length, loader.length)) === 0;
      at += data.length;
    },
  });
  if ('kind' in result) throw new Error(`TFTP: ${result.kind === 'refused' ? result.message : 'silence'}`);
  if (!right || at !== loader.length) throw new Error('TFTP: other bytes than the loader');
  return at;
}

async function loadSystem(connection: HttpConnection, script: URL): Promise<number> {
  let text = '';
  let bytes = await connection.fetch(script.pathname, (piece, from, to) => {
    text += piece.toString('latin1', from, to);
    return true;
  });
  const { kernel, initrds } = filesOf(text);
  if (kernel === undefined) throw new Error('the script names no kernel');
  for (const file of [kernel, ...initrds]) {
    bytes += await connection.fetch(new URL(file, script).pathname, isContent);
  }
  return bytes;
}
