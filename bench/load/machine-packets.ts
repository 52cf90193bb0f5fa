import { readFileSync } from 'node:fs';
import { OPTION } from '../../src/protocol/dhcp/codes.ts';

/** What real firmware sends, with the places in it that differ from machine to machine. */
export interface Template {
  readonly bytes: Uint8Array;
  /** Where the hardware address stands: chaddr, and the options that repeat it. */
  readonly macs: readonly number[];
  /** Where the values of options 50 and 54 stand; -1 where they are not sent. */
  readonly requested: number;
  readonly server: number;
}

/** What one kind of machine says, from DISCOVER to renewal. */
export interface Firmware {
  readonly discover: Template;
  readonly request: Template;
  readonly renew: Template;
}

const CAPTURES = new URL('../../test/fixtures/dhcp/', import.meta.url);
const OPTIONS_AT = 240;
const CHADDR_AT = 28;

/** Offset of an option's value; -1 where there is none. */
export function optionAt(bytes: Uint8Array, wanted: number): number {
  for (let at = OPTIONS_AT; at < bytes.length && bytes[at] !== OPTION.end; ) {
    const code = bytes[at]!;
    if (code === wanted) return at + 2;
    at += code === OPTION.pad ? 1 : 2 + bytes[at + 1]!;
  }
  return -1;
}

/** A BIOS ROM and UEFI's PXE client, as captured. */
export function firmwares(): readonly Firmware[] {
  return [firmware('ipxe2-undionly'), firmware('ovmf-pxe-snponly')];
}

function firmware(capture: string): Firmware {
  const rows = JSON.parse(readFileSync(new URL(`${capture}.json`, CAPTURES), 'utf8')) as {
    what: string;
    hex: string;
  }[];
  const [discover, request] = ['DISCOVER', 'REQUEST'].map((what) =>
    Buffer.from(rows.find((row) => row.what === what)!.hex, 'hex'),
  ) as [Buffer, Buffer];
  const renewal = without(without(request, OPTION.requestedAddress), OPTION.serverIdentifier);
  return { discover: template(discover), request: template(request), renew: template(renewal) };
}

function template(bytes: Buffer): Template {
  const mac = bytes.subarray(CHADDR_AT, CHADDR_AT + 6);
  const macs: number[] = [];
  for (let at = bytes.indexOf(mac); at >= 0; at = bytes.indexOf(mac, at + 1)) macs.push(at);
  const id = optionAt(bytes, OPTION.clientMachineId);
  // QEMU leaves its machines' GUIDs empty; real ones differ.
  if (id > 0) macs.push(id + 11);
  return {
    bytes,
    macs,
    requested: optionAt(bytes, OPTION.requestedAddress),
    server: optionAt(bytes, OPTION.serverIdentifier),
  };
}

/** The packet without that option; its end is padded with what it was. */
function without(bytes: Buffer, code: number): Buffer {
  const at = optionAt(bytes, code) - 2;
  if (at < 0) return bytes;
  const length = 2 + bytes[at + 1]!;
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length), Buffer.alloc(length)]);
}
