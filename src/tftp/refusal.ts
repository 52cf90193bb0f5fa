import type { AssetErrorCode } from '../assets/asset.ts';
import type { TftpEvent } from '../journal/tftp-events.ts';
import { ERROR_CODE } from '../protocol/tftp/packet.ts';
import { nearestName, pathInside } from './missing.ts';
import { printable } from './request.ts';

/** A file that cannot be served, as the log is to hear of it. */
interface Case {
  readonly address: string;
  readonly file: string;
  readonly transfer: number;
  readonly images: string;
  readonly name: string;
  readonly error: Error;
}

/** What the peer is told, which names no path of this host, and what the log is told. */
export interface Refusal {
  readonly code: number;
  readonly text: string;
  event(of: Case): TftpEvent | Promise<TftpEvent>;
}

/** Why a file is not sent. @param code undefined: something broke that is no matter of the file. */
export function refusalOf(code: AssetErrorCode | undefined, file: string): Refusal {
  switch (code) {
    case 'not-found':
      return { code: ERROR_CODE.fileNotFound, text: `file not found: ${file}`, event: notFound };
    case 'forbidden':
      return { code: ERROR_CODE.accessViolation, text: `access denied: ${file}`, event: refused };
    case 'not-a-file':
      return { code: ERROR_CODE.accessViolation, text: `not a file: ${file}`, event: refused };
    case 'unreadable':
      return { code: ERROR_CODE.accessViolation, text: `the server cannot read ${file}`, event: failed };
    case undefined:
      return { code: ERROR_CODE.undefined, text: `the server cannot send ${file}`, event: failed };
  }
}

/** Firmware asks for many files that need not be there, so it is no more than worth a line. */
async function notFound({ address, file, images, name }: Case): Promise<TftpEvent> {
  const nearest = await nearestName(pathInside(images, name));
  const event = { kind: 'tftp.not-found', address, file, path: pathInside(images, file) } as const;
  return nearest === undefined ? event : { ...event, nearest: printable(nearest) };
}

function refused({ address, file, error }: Case): TftpEvent {
  return { kind: 'tftp.refused', address, file, problem: printable(error.message) };
}

function failed({ address, file, transfer, error }: Case): TftpEvent {
  return { kind: 'tftp.failed', address, file, transfer, problem: printable(error.message) };
}
