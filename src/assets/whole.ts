import type { FileHandle } from 'node:fs/promises';
import zlib from 'node:zlib';
import { readPe } from './pe.ts';
import { HEAD_BYTES, type Recognised, recognise } from './recognise.ts';

/** Whether a file has its end. 'unchecked': its format does not tell, or telling takes too long. */
export type Wholeness =
  | { readonly state: 'whole' }
  | { readonly state: 'cut off'; readonly why: string }
  | { readonly state: 'unchecked' };

const WHOLE: Wholeness = { state: 'whole' };
const UNCHECKED: Wholeness = { state: 'unchecked' };
const cutOff = (why: string): Wholeness => ({ state: 'cut off', why });

/** A part of a file that is open. */
interface Part {
  readonly handle: FileHandle;
  readonly from: number;
  readonly size: number;
}

/** Looks whether a kernel or an initrd ends where its own headers say. Rejects where it cannot be read. */
export async function wholenessOf(
  handle: FileHandle,
  size: number,
  file: Recognised,
  stop: AbortSignal,
): Promise<Wholeness> {
  if (file.kind === 'kernel') return kernelWholeness(await readAt(handle, 0, HEAD_BYTES), size);
  return file.kind === 'initrd' ? initrd({ handle, from: 0, size }, file.compression, stop) : UNCHECKED;
}

const BZ_SETUP_SECTORS = 0x1f1;
/** In paragraphs of 16 bytes (Linux: Documentation/arch/x86/boot.rst). */
const BZ_SYSSIZE = 0x1f4;
const ZBOOT_OFFSET = 8;
const ZBOOT_SIZE = 12;

/** @param head the first {@link HEAD_BYTES} of a kernel. */
export function kernelWholeness(head: Buffer, size: number): Wholeness {
  const long = lengthOf(head);
  if (long === undefined) return UNCHECKED;
  return size >= long ? WHOLE : cutOff(`its header tells of ${long} bytes, and there are ${size}`);
}

function lengthOf(head: Buffer): number | undefined {
  if (head.length >= 0x206 && head.toString('latin1', 0x202, 0x206) === 'HdrS') {
    const sectors = head.readUInt8(BZ_SETUP_SECTORS) || 4;
    return (sectors + 1) * 512 + head.readUInt32LE(BZ_SYSSIZE) * 16;
  }
  if (head.length >= 16 && head.toString('latin1', 4, 8) === 'zimg')
    return head.readUInt32LE(ZBOOT_OFFSET) + head.readUInt32LE(ZBOOT_SIZE);
  return readPe(head)?.length;
}

async function initrd(
  part: Part,
  compression: Extract<Recognised, { kind: 'initrd' }>['compression'],
  stop: AbortSignal,
): Promise<Wholeness> {
  switch (compression) {
    case 'none':
      return cpio(part, stop);
    case 'gzip':
      return gzip(part, stop);
    case 'zstd':
      return zstd(part, stop);
    case 'lz4':
      return lz4(part, stop);
    case 'xz':
      return xz(part);
    default:
      return UNCHECKED;
  }
}

const CPIO_HEADER = 110;
const LARGEST_NAME = 4096;
const TRAILER = 'TRAILER!!!';

/** Entries one after the other up to the trailer (Linux: Documentation/driver-api/early-userspace/buffer-format.rst). */
async function cpio({ handle, from, size }: Part, stop: AbortSignal): Promise<Wholeness> {
  const window = new Window(handle, size);
  for (let at = from; ; ) {
    if (stop.aborted) return UNCHECKED;
    const header = await window.read(at, CPIO_HEADER);
    if (header.length < CPIO_HEADER) return cutOff(`its archive has no end (no ${TRAILER})`);
    const field = (index: number) =>
      Number.parseInt(header.toString('latin1', 6 + index * 8, 14 + index * 8), 16);
    const [fileSize, nameSize] = [field(6), field(11)];
    if (!header.toString('latin1', 0, 6).startsWith('07070') || !(nameSize <= LARGEST_NAME))
      return cutOff(`its archive is damaged at byte ${at}`);
    const name = await window.read(at + CPIO_HEADER, nameSize);
    const end = align(align(at + CPIO_HEADER + nameSize) + fileSize);
    if (name.toString('latin1', 0, nameSize - 1) === TRAILER)
      return afterArchive({ handle, from: end, size }, window, stop);
    at = end;
  }
}

const align = (at: number) => (at + 3) & ~3;

/** Microcode lies in an archive of its own before the initrd proper; zeros may lie between. */
async function afterArchive(
  { handle, from, size }: Part,
  window: Window,
  stop: AbortSignal,
): Promise<Wholeness> {
  for (let at = from; at < size; ) {
    if (stop.aborted) return UNCHECKED;
    const bytes = await window.read(at, HEAD_BYTES);
    const next = bytes.findIndex((byte) => byte !== 0);
    if (next >= 0) {
      const file = recognise(await window.read(at + next, HEAD_BYTES));
      return file.kind === 'initrd'
        ? initrd({ handle, from: at + next, size }, file.compression, stop)
        : UNCHECKED;
    }
    at += bytes.length;
  }
  return WHOLE;
}

/** Unpacked, for it does not tell its length. */
async function gzip({ handle, from }: Part, stop: AbortSignal): Promise<Wholeness> {
  const unpacked = handle
    .createReadStream({ start: from, autoClose: false, highWaterMark: 1 << 20 })
    .pipe(zlib.createGunzip({ chunkSize: 1 << 20 }));
  try {
    for await (const _ of unpacked) if (stop.aborted) return UNCHECKED;
    return WHOLE;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'Z_BUF_ERROR'
      ? cutOff('its gzip stream has no end')
      : cutOff(`its gzip stream is damaged: ${message}`);
  } finally {
    unpacked.destroy();
  }
}

const ZSTD_MAGIC = 0xfd2fb528;
const ZSTD_SKIPPABLE = 0x184d2a50;
const DICTIONARY_BYTES = [0, 1, 2, 4];
const CONTENT_BYTES = [0, 2, 4, 8];

/** Frames of blocks that tell their length (RFC 8878 §3.1). */
async function zstd({ handle, from, size }: Part, stop: AbortSignal): Promise<Wholeness> {
  const none = cutOff('its zstd frame has no end');
  const window = new Window(handle, size);
  let at = from;
  while (at < size) {
    const head = await window.read(at, 18);
    const magic = head.length < 4 ? 0 : head.readUInt32LE(0);
    if (magic === 0) return WHOLE;
    if ((magic & 0xfffffff0) >>> 0 === ZSTD_SKIPPABLE && head.length >= 8) {
      at += 8 + head.readUInt32LE(4);
      continue;
    }
    if (magic !== ZSTD_MAGIC || head.length < 6) return at === from ? none : UNCHECKED;
    const descriptor = head.readUInt8(4);
    const single = (descriptor & 0x20) !== 0;
    const content = descriptor >> 6 === 0 && single ? 1 : CONTENT_BYTES[descriptor >> 6]!;
    at += 5 + (single ? 0 : 1) + DICTIONARY_BYTES[descriptor & 3]! + content;
    for (let last = false; !last; ) {
      if (stop.aborted) return UNCHECKED;
      const block = await window.read(at, 3);
      if (block.length < 3) return none;
      const header = block.readUIntLE(0, 3);
      last = (header & 1) === 1;
      const isRun = ((header >> 1) & 3) === 1;
      at += 3 + (isRun ? 1 : header >> 3);
    }
    at += descriptor & 4 ? 4 : 0;
    if (at > size) return none;
  }
  return at === size ? WHOLE : none;
}

const LZ4_LEGACY = 0x184c2102;

/** The legacy frame: blocks, each after its length; its end is the file's. */
async function lz4({ handle, from, size }: Part, stop: AbortSignal): Promise<Wholeness> {
  const window = new Window(handle, size);
  let at = from + 4;
  while (at < size) {
    if (stop.aborted) return UNCHECKED;
    const head = await window.read(at, 4);
    if (head.length < 4) return cutOff('its last lz4 block is cut off');
    const length = head.readUInt32LE(0);
    if (length === 0) return WHOLE;
    at += 4 + (length === LZ4_LEGACY ? 0 : length);
  }
  return at === size ? WHOLE : cutOff('its last lz4 block is cut off');
}

const XZ_FOOTER_MAGIC = 'YZ';

/** A stream ends with these letters; zeros may follow (The .xz File Format §2.1.2). */
async function xz({ handle, from, size }: Part): Promise<Wholeness> {
  const tail = await readAt(handle, Math.max(from, size - HEAD_BYTES), HEAD_BYTES);
  let end = tail.length;
  while (end > 0 && tail[end - 1] === 0) end--;
  return tail.toString('latin1', end - 2, end) === XZ_FOOTER_MAGIC
    ? WHOLE
    : cutOff('its xz stream has no end');
}

async function readAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}

/** Reads that are near to each other go to the file once. */
class Window {
  readonly #handle: FileHandle;
  readonly #size: number;
  #at = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.#size = size;
  }

  /** Fewer bytes at the end of the file, none behind it. */
  async read(at: number, length: number): Promise<Buffer> {
    const inside = at >= this.#at && at + length <= this.#at + this.#bytes.length;
    if (!inside) {
      if (at >= this.#size) return Buffer.alloc(0);
      this.#bytes = await readAt(this.#handle, at, Math.max(length, HEAD_BYTES));
      this.#at = at;
    }
    return this.#bytes.subarray(at - this.#at, at - this.#at + length);
  }
}
