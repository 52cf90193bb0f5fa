/** What the headers of a Portable Executable say (Microsoft PE format; UEFI applications are such files). */
export interface PortableExecutable {
  readonly machine: Machine;
  /** Bytes that the file must have at least, by its section table. */
  readonly length: number;
}

export type Machine = 'x64' | 'ia32' | 'arm64' | 'arm32' | 'riscv64' | 'loongarch64' | 'other';

const MACHINES: Record<number, Machine> = {
  332: 'ia32',
  34404: 'x64',
  43620: 'arm64',
  448: 'arm32',
  450: 'arm32',
  20580: 'riscv64',
  25188: 'loongarch64',
};

const MZ = 0x5a4d;
const PE_SIGNATURE = 0x4550;
const COFF_HEADER = 24;
const SECTION_HEADER = 40;

/** The PE headers at the head of a file; undefined where there are none, or where they are cut off. */
export function readPe(head: Buffer): PortableExecutable | undefined {
  if (head.length < 0x40 || head.readUInt16LE(0) !== MZ) return undefined;
  const at = head.readUInt32LE(0x3c);
  if (at + COFF_HEADER > head.length || head.readUInt32LE(at) !== PE_SIGNATURE) return undefined;
  const sections = head.readUInt16LE(at + 6);
  const table = at + COFF_HEADER + head.readUInt16LE(at + 20);
  let length = table + sections * SECTION_HEADER;
  for (let index = 0; index < sections; index++) {
    const section = table + index * SECTION_HEADER;
    if (section + SECTION_HEADER > head.length) break;
    // SizeOfRawData and PointerToRawData
    length = Math.max(length, head.readUInt32LE(section + 16) + head.readUInt32LE(section + 20));
  }
  return { machine: MACHINES[head.readUInt16LE(at + 4)] ?? 'other', length };
}
