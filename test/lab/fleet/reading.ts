import type http from 'node:http';
import { followScript } from '../../../src/commands/rehearse/follow-script.ts';
import { readHttp } from '../../../src/commands/rehearse/http-read.ts';
import { readTftp } from '../../../src/commands/rehearse/tftp-read.ts';
import { Stopped } from './plan.ts';

/** How the machines of a fleet read: as a rehearsal does, with more patience, and with faults where a test wants them. */

type Take = (data: Uint8Array) => void;

export interface TftpFile {
  /** The machine's own address. */
  readonly from: string;
  readonly server: string;
  readonly file: string;
  readonly options: Readonly<Record<string, string>>;
  /** Asks only for the size, and says that this was all. */
  readonly sizeOnly?: boolean;
  /** Asks again after so much silence. */
  readonly resendMs?: number;
  /** Takes nothing more from that block on. */
  readonly deafFrom?: number;
}

const RESEND_MS = 1000;
const RESENDS = 6;
/** A server that is not there is not waited for longer. */
const SILENCE_MS = 20_000;

/** @returns the number of bytes. @throws Stopped where the server refuses, or is not heard any more. */
export async function loadTftp({ deafFrom, ...file }: TftpFile, take: Take = () => {}): Promise<number> {
  const deaf = new AbortController();
  let blocks = 0;
  const result = await readTftp({
    resendMs: RESEND_MS,
    ...file,
    resends: RESENDS,
    signal: deaf.signal,
    take(data) {
      blocks += 1;
      if (blocks === deafFrom) deaf.abort(new Stopped('it went deaf'));
      else take(data);
    },
  });
  if (!('kind' in result)) return result.bytes;
  throw new Stopped(
    result.kind === 'refused'
      ? `TFTP error ${result.code}: ${result.message}`
      : 'the TFTP server is not heard',
  );
}

export interface HttpFile {
  readonly url: string;
  readonly agent: http.Agent;
  readonly method?: 'GET' | 'HEAD';
  /** Hangs up after so many bytes. */
  readonly hangUpAfter?: number;
  /** Takes nothing more after so many bytes. */
  readonly stallAfter?: number;
}

/** @returns the number of bytes. @throws Stopped for anything but the whole file. */
export async function loadHttp(file: HttpFile, take: Take = () => {}): Promise<number> {
  const { hangUpAfter = Number.POSITIVE_INFINITY, stallAfter = Number.POSITIVE_INFINITY, ...read } = file;
  const hangUp = new AbortController();
  let bytes = 0;
  const result = await readHttp({
    ...read,
    silenceMs: SILENCE_MS,
    signal: hangUp.signal,
    take(data) {
      bytes += data.length;
      take(data);
      if (bytes >= hangUpAfter) hangUp.abort(new Stopped('it hung up'));
      return bytes >= stallAfter ? 'pause' : undefined;
    },
  });
  switch (result.kind) {
    case 'read':
      return result.bytes;
    case 'status':
      throw new Stopped(`HTTP status ${result.status}`);
    case 'silent':
    case 'refused':
      throw new Stopped('the HTTP server is not heard');
    case 'broken':
      throw new Stopped(`HTTP: ${result.reason}`);
  }
}

/** What a boot script makes iPXE load, relative to where the script came from. */
export interface ScriptFiles {
  /** undefined where the script tells the machine to wait and ask again. */
  readonly kernel: string | undefined;
  readonly initrds: readonly string[];
}

export function filesOf(script: string): ScriptFiles {
  const { fetches } = followScript(script, new Map());
  const urls = (kind: string) => fetches.filter(({ as }) => as === kind).map(({ url }) => url);
  return { kernel: urls('kernel')[0], initrds: urls('initrd') };
}
