import { createHash } from 'node:crypto';
import type { LoaderSource } from '../config/profile.ts';
import { type Machine, readPe } from './pe.ts';
import { describe, isText, machineName, recognise } from './recognise.ts';

/** iPXE's smallest loaders have 60 KiB; error pages and placeholders are smaller. */
const SHORTEST = 8 * 1024;
/** A BIOS program has to fit below 640 KiB, less what the firmware keeps for itself. */
const LONGEST_FOR_BIOS = 620 * 1024;

/**
 * Checks that bytes are a boot loader that machines of its architecture can run.
 *
 * @returns why they are not, as the end of the sentence "It …"; undefined where all is well.
 */
export function checkLoader(
  loader: Pick<LoaderSource, 'architecture' | 'sha256'>,
  bytes: Uint8Array,
): string | undefined {
  const { architecture, sha256 } = loader;
  return (
    checkContent(bytes) ??
    (architecture === 'bios' ? checkBios(bytes) : checkEfi(architecture, bytes)) ??
    (sha256.length === 0 ? undefined : checkHash(bytes, sha256))
  );
}

function checkContent(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'is empty';
  const text = isText(bytes) ? Buffer.from(bytes.subarray(0, 512)).toString('latin1') : undefined;
  if (text !== undefined && /<(!doctype|html|head|body|\?xml)/i.test(text)) {
    return 'is a web page, not a loader: an error page, or a login page of the network';
  }
  if (text !== undefined) return `is a text file, not a loader: ${JSON.stringify(text.slice(0, 60))}`;
  return undefined;
}

function checkEfi(machine: Machine, bytes: Uint8Array): string | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const program = readPe(buffer);
  if (!program) return `is no EFI program but ${describe(recognise(bytes))}`;
  if (program.length > bytes.length) {
    return `is cut off: its header tells of ${program.length} bytes, and there are ${bytes.length}`;
  }
  if (machine !== program.machine) {
    return `is for ${machineName(program.machine)}, but machines that load it are ${machineName(machine)}`;
  }
  return undefined;
}

/** How a network boot program begins: a jump (far, near, short), or cli before one. */
const FIRST_BYTES = new Set([0xea, 0xe9, 0xeb, 0xfa]);

function checkBios(bytes: Uint8Array): string | undefined {
  if (readPe(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))) {
    return `is an EFI program, which BIOS machines cannot run; they need one such as undionly.kpxe`;
  }
  if (!FIRST_BYTES.has(bytes[0]!)) return `is no BIOS boot program but ${describe(recognise(bytes))}`;
  if (bytes.length < SHORTEST) return `has only ${bytes.length} bytes: a loader has at least ${SHORTEST}`;
  if (bytes.length > LONGEST_FOR_BIOS) {
    return `has ${bytes.length} bytes, more than a BIOS machine can load (${LONGEST_FOR_BIOS})`;
  }
  return undefined;
}

function checkHash(bytes: Uint8Array, sha256: readonly string[]): string | undefined {
  const seen = createHash('sha256').update(bytes).digest('hex');
  return sha256.includes(seen)
    ? undefined
    : `has the SHA-256 ${seen}, but LOADER_SHA256 says ${sha256.join(' or ')}`;
}
