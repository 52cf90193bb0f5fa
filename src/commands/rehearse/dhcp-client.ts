import { randomInt } from 'node:crypto';
import dgram from 'node:dgram';
import type { Supposed } from '../../boot/explanation.ts';
import { supposedRequest } from '../../dhcp/supposed-request.ts';
import { BOOT_SERVER_PORT, MESSAGE, OPTION, SERVER_PORT } from '../../protocol/dhcp/codes.ts';
import { addressOf, byte, byteOf, long, textOf } from '../../protocol/dhcp/options.ts';
import { decodePacket, encodePacket, type Packet } from '../../protocol/dhcp/packet.ts';
import type { Ipv4 } from '../../protocol/ipv4.ts';

/** What came of asking for an address. */
export type Obtained =
  | { readonly kind: 'leased'; readonly address: Ipv4; readonly server: Ipv4; readonly boot: BootFile }
  /** The server gives no addresses, and has told what to boot. */
  | { readonly kind: 'told'; readonly port: 67 | 4011; readonly server: Ipv4; readonly boot: BootFile }
  | { readonly kind: 'nak'; readonly reason: string }
  | { readonly kind: 'silent'; readonly after: 'DISCOVER' | 'REQUEST'; readonly port: 67 | 4011 }
  /** Nobody listens on that port. */
  | { readonly kind: 'refused'; readonly port: 67 | 4011 };

export interface BootFile {
  /** A name for TFTP, or a URL; empty where there is nothing to boot. */
  readonly file: string;
  /** The TFTP server. */
  readonly server: Ipv4;
}

/** The service listens on this for what its own host asks. */
const SERVICE = '127.0.0.1';
const PAUSES_MS = [400, 700, 1200];

class Refused extends Error {}

export interface Obtaining {
  /** The host's own address, for a server that gives none. */
  readonly self: Ipv4;
  /** Called before an address is asked for: from then on it may be leased, whether that is heard or not. */
  readonly asking: (lease: Leased) => void;
  readonly signal: AbortSignal;
}

export interface Leased {
  readonly address: Ipv4;
  readonly server: Ipv4;
}

/** The four messages as a machine sends them. @throws the signal's reason. */
export async function obtain(supposed: Supposed, { self, asking, signal }: Obtaining): Promise<Obtained> {
  const discover = { ...decodePacket(supposedRequest(supposed)), xid: randomInt(1, 2 ** 32 - 1) };
  let port: 67 | 4011 = SERVER_PORT;
  try {
    const offer = await ask(discover, port, [MESSAGE.offer], signal);
    if (!offer) return { kind: 'silent', after: 'DISCOVER', port };
    const server = addressOf(offer.options, OPTION.serverIdentifier) ?? offer.siaddr;
    if (offer.yiaddr === 0) {
      if (!asksBootServer(supposed, offer)) return { kind: 'told', port, server, boot: bootFileOf(offer) };
      port = BOOT_SERVER_PORT;
      const answer = await ask(
        { ...as(discover, MESSAGE.request), ciaddr: self },
        port,
        [MESSAGE.ack],
        signal,
      );
      if (!answer) return { kind: 'silent', after: 'REQUEST', port };
      return { kind: 'told', port, server, boot: bootFileOf(answer) };
    }
    asking({ address: offer.yiaddr, server });
    const request = as(discover, MESSAGE.request, [
      [OPTION.serverIdentifier, long(server)],
      [OPTION.requestedAddress, long(offer.yiaddr)],
    ]);
    const answer = await ask(request, port, [MESSAGE.ack, MESSAGE.nak], signal);
    if (!answer) return { kind: 'silent', after: 'REQUEST', port };
    if (byteOf(answer.options, OPTION.messageType) === MESSAGE.nak)
      return { kind: 'nak', reason: textOf(answer.options, OPTION.message) ?? 'no reason given' };
    return { kind: 'leased', address: answer.yiaddr, server, boot: bootFileOf(answer) };
  } catch (error) {
    if (error instanceof Refused) return { kind: 'refused', port };
    throw error;
  }
}

/** Gives the address back. There is no answer to that; it resolves when the kernel has delivered it. */
export async function release(supposed: Supposed, { address, server }: Leased): Promise<void> {
  const packet = decodePacket(supposedRequest(supposed));
  const bytes = encodePacket({
    ...as(packet, MESSAGE.release, [[OPTION.serverIdentifier, long(server)]]),
    ciaddr: address,
    giaddr: 0,
    flags: 0,
  });
  const socket = dgram.createSocket('udp4');
  await new Promise<void>((resolve) => {
    socket.on('error', () => resolve());
    socket.send(bytes, SERVER_PORT, SERVICE, () => resolve());
  });
  socket.close();
}

/** UEFI's PXE client asks a ProxyDHCP server for the file once more, on port 4011; a BIOS is told not to (bootOptions). */
function asksBootServer({ firmware }: Supposed, offer: Packet): boolean {
  return firmware === 'pxe' && !offer.options.has(OPTION.vendorSpecific);
}

function as(packet: Packet, type: number, own: readonly (readonly [number, Uint8Array])[] = []): Packet {
  return { ...packet, options: new Map([...packet.options, [OPTION.messageType, byte(type)], ...own]) };
}

function bootFileOf(answer: Packet): BootFile {
  return { file: textOf(answer.options, OPTION.bootFileName) ?? answer.file, server: answer.siaddr };
}

/** Says it again and again until an answer of these kinds comes; undefined where none does. */
async function ask(
  packet: Packet,
  port: number,
  kinds: readonly number[],
  signal: AbortSignal,
): Promise<Packet | undefined> {
  signal.throwIfAborted();
  const socket = dgram.createSocket('udp4');
  try {
    return await new Promise((resolve, reject) => {
      let tries = 0;
      let timer: NodeJS.Timeout | undefined;
      const say = () => {
        const pause = PAUSES_MS[tries++];
        if (pause === undefined) return resolve(undefined);
        // A firewall on the way out makes this fail, which is silence too.
        socket.send(encodePacket(packet), () => {});
        timer = setTimeout(say, pause);
      };
      const stopped = () => reject(signal.reason);
      signal.addEventListener('abort', stopped);
      socket.on('close', () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stopped);
      });
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED') reject(new Refused());
      });
      socket.on('message', (bytes) => {
        const answer = understood(bytes);
        if (answer?.xid !== packet.xid) return;
        if (kinds.includes(byteOf(answer.options, OPTION.messageType) ?? 0)) resolve(answer);
      });
      // Connected, a socket is told where nobody listens, and hears nobody else.
      socket.connect(port, SERVICE, say);
    });
  } finally {
    socket.close();
  }
}

function understood(bytes: Uint8Array): Packet | undefined {
  try {
    return decodePacket(bytes);
  } catch {
    return undefined;
  }
}
