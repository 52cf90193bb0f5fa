import { internetChecksum } from './checksum.ts';

const ETHERNET = 14;
const UDP = 17;
const BOOTP_FIXED = 240;
const OPTION = {
  pad: 0,
  parameterRequestList: 55,
  messageType: 53,
  maximumSize: 57,
  userClass: 77,
  ipxe: 175,
  end: 255,
} as const;
const DISCOVER = 1;

/** What an Intel Boot Agent asks for. */
const INTEL_PARAMETERS = [
  ...[
    1, 2, 3, 4, 5, 6, 11, 12, 13, 15, 16, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59, 60, 66, 67,
  ],
  ...[128, 129, 130, 131, 132, 133, 134, 135],
];

/** The UDP datagram in an Ethernet frame, if it is one over IPv4. */
function udpOf(frame: Buffer): { offset: number; destination: number } | undefined {
  if (frame.length < ETHERNET + 20 || frame.readUInt16BE(12) !== 0x0800) return undefined;
  if (frame[ETHERNET + 9] !== UDP) return undefined;
  const offset = ETHERNET + (frame[ETHERNET]! & 15) * 4;
  return { offset, destination: frame.readUInt16BE(offset + 2) };
}

export function isTftpReadRequest(frame: Buffer): boolean {
  const udp = udpOf(frame);
  return udp?.destination === 69 && frame.readUInt16BE(udp.offset + 8) === 1;
}

export function isDhcpDiscover(frame: Buffer): boolean {
  const udp = udpOf(frame);
  if (udp?.destination !== 67) return false;
  return options(frame.subarray(udp.offset + 8)).some(
    ({ code, value }) => code === OPTION.messageType && value[0] === DISCOVER,
  );
}

/** The frame as a plain PXE ROM would send it: no sign of iPXE in its DHCP request; any other frame as it is. */
export function asPlainRom(frame: Buffer): Buffer {
  const udp = udpOf(frame);
  if (udp?.destination !== 67) return frame;
  const headers = Buffer.from(frame.subarray(0, udp.offset + 8));
  const body = plainRequest(frame.subarray(udp.offset + 8));
  headers.writeUInt16BE(udp.offset - ETHERNET + 8 + body.length, ETHERNET + 2);
  headers.writeUInt16BE(0, ETHERNET + 10);
  headers.writeUInt16BE(internetChecksum(headers.subarray(ETHERNET, udp.offset)), ETHERNET + 10);
  headers.writeUInt16BE(8 + body.length, udp.offset + 4);
  // Over IPv4 a UDP checksum of zero means that there is none.
  headers.writeUInt16BE(0, udp.offset + 6);
  return Buffer.concat([headers, body]);
}

function plainRequest(request: Buffer): Buffer {
  const fixed = Buffer.from(request.subarray(0, BOOTP_FIXED));
  fixed[10]! |= 0x80; // the broadcast flag
  const kept = options(request).flatMap(({ code, value }) => {
    if (code === OPTION.userClass || code === OPTION.ipxe) return [];
    if (code === OPTION.parameterRequestList) return [code, INTEL_PARAMETERS.length, ...INTEL_PARAMETERS];
    if (code === OPTION.maximumSize) return [code, 2, 1260 >> 8, 1260 & 255];
    return [code, value.length, ...value];
  });
  const plain = Buffer.concat([fixed, Buffer.from([...kept, OPTION.end])]);
  return Buffer.concat([plain, Buffer.alloc(Math.max(0, 548 - plain.length))]);
}

function options(request: Buffer): { code: number; value: Buffer }[] {
  const found = [];
  for (let at = BOOTP_FIXED; at < request.length && request[at] !== OPTION.end; ) {
    const code = request[at]!;
    if (code === OPTION.pad) {
      at++;
      continue;
    }
    const length = request[at + 1] ?? 0;
    found.push({ code, value: request.subarray(at + 2, at + 2 + length) });
    at += 2 + length;
  }
  return found;
}
