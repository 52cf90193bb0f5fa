// A machine's firmware as far as DHCP goes, with the packets of a real one. A program of its own, run in a host of the lab:
// `node pxe-client.ts ADAPTER CAPTURE`. Prints what every server says, a JSON object a line (Told in shared-lab.ts).
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Datagram, openUdp } from '../../src/platform/udp.ts';
import { FLAG_BROADCAST, MESSAGE, messageName, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { addressOf, byte, byteOf, long, textOf } from '../../src/protocol/dhcp/options.ts';
import { decodePacket, encodePacket, type Packet } from '../../src/protocol/dhcp/packet.ts';
import { formatIpv4, parseIpv4 } from '../../src/protocol/ipv4.ts';
import { first } from '../fixtures/dhcp.ts';

const [adapter = '', capture = ''] = process.argv.slice(2);
const COLLECT_MS = 1500;
/** Answers are broadcast: a socket without the address hears no unicast. */
const discover: Packet = { ...decodePacket(first(capture, 'DISCOVER').bytes), flags: FLAG_BROADCAST };

async function answers(port: number, request: Packet, address: string, to: number): Promise<Packet[]> {
  const heard: Packet[] = [];
  const batch = (datagrams: readonly Datagram[]) => {
    for (const { bytes, address, port } of datagrams) {
      const packet = decodePacket(bytes);
      if (packet.xid !== request.xid) continue;
      heard.push(packet);
      process.stdout.write(`${JSON.stringify(told(packet, `${formatIpv4(address)}:${port}`))}\n`);
    }
  };
  const failed = (error: Error) => {
    throw error;
  };
  const socket = await openUdp({ port, adapter }, { batch, sendFailed: (_, error) => failed(error), failed });
  socket.send(encodePacket(request), parseIpv4(address)!, to);
  await sleep(COLLECT_MS);
  await socket.close();
  return heard;
}

function told(packet: Packet, from: string) {
  return {
    message: messageName(byteOf(packet.options, OPTION.messageType) ?? 0),
    from,
    server: formatIpv4(addressOf(packet.options, OPTION.serverIdentifier) ?? 0),
    yiaddr: formatIpv4(packet.yiaddr),
    siaddr: formatIpv4(packet.siaddr),
    file: packet.file || (textOf(packet.options, OPTION.bootFileName) ?? ''),
    vendorClass: textOf(packet.options, OPTION.vendorClass) ?? '',
  };
}

const saying = (...fields: readonly (readonly [number, Uint8Array])[]): Packet => ({
  ...discover,
  options: new Map([...discover.options, [OPTION.messageType, byte(MESSAGE.request)] as const, ...fields]),
});

const offers = await answers(68, discover, '255.255.255.255', 67);
const address = offers.find(({ yiaddr }) => yiaddr !== 0);
// A ProxyDHCP server comes before the server of the address.
const boot = offers.find(({ yiaddr, siaddr }) => yiaddr === 0 && siaddr !== 0) ?? address;
if (address) {
  const server = addressOf(address.options, OPTION.serverIdentifier)!;
  const chosen = saying(
    [OPTION.serverIdentifier, long(server)],
    [OPTION.requestedAddress, long(address.yiaddr)],
  );
  await answers(68, chosen, '255.255.255.255', 67);
  execFileSync('ip', ['addr', 'add', `${formatIpv4(address.yiaddr)}/24`, 'dev', adapter]);
}
if (address && boot)
  await answers(4011, { ...saying(), ciaddr: address.yiaddr }, formatIpv4(boot.siaddr), 4011);
