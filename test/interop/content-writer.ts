/**
 * Goes on writing files whose blocks all hold their version, until its parent ends it: `node content-writer.ts FOLDER`. To be run so that nothing
 * interrupts it for long: a file that lies half written for a while is a version like any other.
 */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  futimesSync,
  openSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BLOCK, FILES, type Way } from './content-files.ts';

const [folder = ''] = process.argv.slice(2);

function filled(bytes: Buffer, version: number): Buffer {
  for (let at = 0; at < bytes.length; at += BLOCK) {
    bytes.writeUInt32LE(version, at);
    bytes.writeUInt32LE(version, at + BLOCK - 4);
  }
  return bytes;
}

function written(path: string, flags: number, act: (fd: number) => void): void {
  const fd = openSync(path, flags | constants.O_CREAT | constants.O_WRONLY, 0o644);
  act(fd);
  closeSync(fd);
}

const PIECE = 64 * 1024;

/** As cp does it: piece by piece. */
function pieces(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; at += PIECE)
    writeSync(fd, bytes, at, Math.min(PIECE, bytes.length - at), at);
}

const WAYS: Record<Way, (path: string, bytes: Buffer) => void> = {
  /** cp over it. */
  truncated: (path, bytes) => written(path, constants.O_TRUNC, (fd) => pieces(fd, bytes)),
  /** rsync --inplace, dd conv=notrunc. */
  'in place': (path, bytes) => written(path, 0, (fd) => pieces(fd, bytes)),
  /** cp -p over it: size and time are always the same. */
  'set back': (path, bytes) =>
    written(path, 0, (fd) => {
      pieces(fd, bytes);
      futimesSync(fd, 1_700_000_000, 1_700_000_000);
    }),
  /** Shorter and longer in turns. */
  resized: (path, bytes) =>
    written(path, 0, (fd) => {
      ftruncateSync(fd, fstatSync(fd).size > bytes.length / 2 ? BLOCK : bytes.length);
      pieces(fd, bytes.subarray(0, fstatSync(fd).size));
    }),
  /** As it should be done. */
  renamed: (path, bytes) => {
    written(`${path}.new`, constants.O_TRUNC, (fd) => pieces(fd, bytes));
    renameSync(`${path}.new`, path);
  },
};

const buffers = FILES.map(({ size }) => Buffer.alloc(size));
for (let version = 1; ; version++) {
  for (const [index, { name, way }] of FILES.entries()) {
    WAYS[way](`${folder}/${name}`, filled(buffers[index]!, version));
  }
  if (version === 1) process.stdout.write('written\n');
  // So long that some downloads come to their end, and so short that some do not.
  await sleep(25 + (version % 7) * 15);
}
