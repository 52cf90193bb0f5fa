import zlib from 'node:zlib';

/** An x86 kernel's head, with the fields that tell. */
export function bzImage({ version = '6.1.0-40-amd64 (x@y) #1', long = true, efi = true } = {}): Buffer {
  const head = Buffer.alloc(64 * 1024);
  if (efi) pe('x64', 4096).copy(head, 0, 0, 0x100);
  head.writeUInt16LE(0xaa55, 0x1fe);
  head.write('HdrS', 0x202, 'latin1');
  head.writeUInt16LE(0x3000 - 0x200, 0x20e);
  head.writeUInt16LE(long ? 1 : 0, 0x236);
  head.write(`${version}\0`, 0x3000, 'latin1');
  return head;
}

export function arm64Image(): Buffer {
  const head = Buffer.alloc(4096);
  pe('arm64', 4096).copy(head, 0, 0, 0x200);
  head.writeUInt32LE(0x80, 0x3c);
  head.write('ARM\x64', 0x38, 'latin1');
  return head;
}

const MACHINES = { x64: 0x8664, ia32: 0x014c, arm64: 0xaa64, arm32: 0x01c2 };

/** A PE file of one section that reaches to its end. */
export function pe(machine: keyof typeof MACHINES, length = 100_000): Buffer {
  const file = Buffer.alloc(length);
  file.write('MZ', 0, 'latin1');
  file.writeUInt32LE(0x80, 0x3c);
  file.write('PE\0\0', 0x80, 'latin1');
  file.writeUInt16LE(MACHINES[machine], 0x84);
  file.writeUInt16LE(1, 0x86);
  file.writeUInt16LE(0x20, 0x94);
  const section = 0x80 + 24 + 0x20;
  file.writeUInt32LE(length - 0x400, section + 16);
  file.writeUInt32LE(0x400, section + 20);
  return file;
}

/** A network boot program: a far jump and noise. */
export function nbp(length = 70_000): Buffer {
  const file = Buffer.from(Array.from({ length }, (_, index) => (index * 7919) & 255));
  file.set([0xea, 0x05, 0x00, 0xc0, 0x07]);
  return file;
}

export const cpio = Buffer.from(`070701${'0'.repeat(104)}TRAILER!!!\0${'\0'.repeat(512)}`, 'latin1');
export const gzippedCpio = zlib.gzipSync(cpio);
