import { fromLatin1 } from '../protocol/bytes.ts';
import { ERROR_CODE, type Request } from '../protocol/tftp/packet.ts';

/** What is to become of a request: a file to look for, or an ERROR for the peer. */
export type Verdict =
  | { readonly type: 'read'; readonly name: string }
  | { readonly type: 'refuse'; readonly code: number; readonly text: string };

const LONGEST_SHOWN = 300;

/** A request's form, before any file is looked for. */
export function judge(request: Request): Verdict {
  if (request.type === 'wrq') return refuse(ERROR_CODE.accessViolation, 'this server is read-only');
  const mode = request.mode.toLowerCase();
  if (mode === 'netascii' || mode === 'mail') {
    return refuse(ERROR_CODE.illegalOperation, `${mode} is not supported: use octet`);
  }
  if (mode !== 'octet') {
    return refuse(ERROR_CODE.illegalOperation, `unknown mode "${printable(mode)}": use octet`);
  }
  if (request.file === '') return refuse(ERROR_CODE.fileNotFound, 'the request names no file');
  return { type: 'read', name: fileName(request.file) };
}

function refuse(code: number, text: string): Verdict {
  return { type: 'refuse', code, text };
}

/** The name's bytes as the UTF-8 that file systems hold, or as Latin-1 where they are not UTF-8. */
function fileName(latin1: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(fromLatin1(latin1));
  } catch {
    return latin1;
  }
}

/** Text of a peer as it may stand in a log line: no control characters, no more than 300. */
export function printable(text: string): string {
  const shown = text.slice(0, LONGEST_SHOWN).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
  return text.length > LONGEST_SHOWN ? `${shown}…` : shown;
}

/** Text as it may stand in an ERROR, which firmware prints on its screen. */
export function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
