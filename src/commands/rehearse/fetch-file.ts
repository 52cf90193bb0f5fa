import { createHash } from 'node:crypto';
import type http from 'node:http';
import { HEAD_BYTES } from '../../assets/recognise.ts';
import type { Profile } from '../../config/profile.ts';
import { tooNarrow } from '../../journal/diagnosis/telling.ts';
import { sizeText } from '../../journal/diagnosis/words.ts';
import { type HttpTrouble, readHttp } from './http-read.ts';
import type { Inquiry } from './inquiry.ts';
import { readTftp } from './tftp-read.ts';
import { Trouble } from './trouble.ts';

/** Where a file is asked for. */
export type Source =
  | {
      readonly by: 'tftp';
      readonly server: string;
      /** As it stands in the request. */
      readonly file: string;
      readonly options: Readonly<Record<string, string>>;
    }
  | { readonly by: 'http'; readonly url: URL };

export interface Fetched {
  /** The name inside images/. */
  readonly name: string;
  readonly by: 'tftp' | 'http';
  readonly server: string;
  readonly bytes: number;
  readonly milliseconds: number;
  readonly sha256: string;
  /** All of it where it was to be kept, else its begin. */
  readonly content: Buffer;
  /** TFTP packets that did not come in their time or order. */
  readonly lost: number;
}

/** It is not there. What that means depends on what it was to be. */
export class Missing extends Error {
  override readonly name = 'Missing';
  readonly file: string;

  constructor(file: string) {
    super(file);
    this.file = file;
  }
}

export interface Fetching {
  readonly profile: Profile;
  readonly inquiry: Inquiry;
  readonly agent: http.Agent;
  readonly signal: AbortSignal;
}

/** Files that are looked at as a whole are no larger. */
const LARGEST_KEPT = 16 << 20;
const RESEND_MS = 400;
const RESENDS = 4;
const SILENCE_MS = 2500;
const NOT_FOUND = 1;

/** What firmware asks before it loads: by TFTP's tsize, or by HEAD. @returns bytes. @throws as {@link fetchFile}. */
export async function askSize(source: Source, world: Fetching): Promise<number | undefined> {
  const { inquiry, agent, signal } = world;
  if (source.by === 'http') {
    const { url } = source;
    const read = { url: url.href, agent, signal, silenceMs: SILENCE_MS, method: 'HEAD' } as const;
    const result = await readHttp({ ...read, take: () => undefined });
    if (result.kind === 'read') return result.size;
    throw await httpError(result, url, inquiry);
  }
  const { server, file } = source;
  const patience = { resendMs: RESEND_MS, resends: RESENDS, sizeOnly: true };
  const result = await readTftp({ ...source, ...patience, signal, take() {} });
  if (!('kind' in result)) return result.size;
  throw result.kind === 'refused' ? refused(file, result) : await inquiry.tftp(server, file);
}

/** Fetches a file as a machine does. @throws Missing; Trouble where it does not come; the signal's reason. */
export async function fetchFile(source: Source, world: Fetching, keep = false): Promise<Fetched> {
  const hash = createHash('sha256');
  const kept: Uint8Array[] = [];
  let room = keep ? LARGEST_KEPT : HEAD_BYTES;
  const take = (data: Uint8Array): undefined => {
    hash.update(data);
    if (room <= 0) return;
    // The buffer is the socket's.
    kept.push(new Uint8Array(data.subarray(0, room)));
    room -= data.length;
  };
  const began = performance.now();
  const { bytes, lost } = await READ[source.by](source as never, world, take);
  return {
    ...whereabouts(source),
    by: source.by,
    bytes,
    milliseconds: performance.now() - began,
    sha256: hash.digest('hex'),
    content: Buffer.concat(kept),
    lost,
  };
}

type Take = (data: Uint8Array) => undefined;
type Read<K> = (
  source: Extract<Source, { by: K }>,
  world: Fetching,
  take: Take,
) => Promise<{ bytes: number; lost: number }>;

const READ: { readonly [K in Source['by']]: Read<K> } = {
  async tftp({ server, file, options }, { inquiry, profile, signal }, take) {
    const patience = { resendMs: RESEND_MS, resends: RESENDS };
    const result = await readTftp({ server, file, options, take, signal, ...patience });
    if (!('kind' in result)) return result;
    if (result.kind === 'refused') throw refused(file, result);
    const { bytes, size, heard } = result;
    const blksize = Number(options.blksize ?? 512);
    if (!heard) throw await inquiry.tftp(server, file);
    if (bytes > 0)
      throw new Trouble({
        detail: `${file} stopped after ${sizeText(bytes)}${size ? ` of ${sizeText(size)}` : ''}: no more of it came, however often it was asked for`,
        remedy:
          'See that no firewall forgets UDP after some seconds (port 69 and its answers), and what tftp says: docker compose logs tftp',
      });
    const { cause, remedy } = tooNarrow(blksize, profile.adapter.name);
    throw new Trouble({ detail: `${file}: ${cause}`, remedy });
  },

  async http({ url }, { agent, inquiry, signal }, take) {
    const result = await readHttp({ url: url.href, agent, silenceMs: SILENCE_MS, signal, take });
    if (result.kind === 'read') return { bytes: result.bytes, lost: 0 };
    throw await httpError(result, url, inquiry);
  },
};

async function httpError(trouble: HttpTrouble, url: URL, inquiry: Inquiry): Promise<Error> {
  const { name, server } = whereabouts({ by: 'http', url });
  switch (trouble.kind) {
    case 'status':
      if (trouble.status === 404) return new Missing(name);
      return new Trouble({
        detail: `${url.href} was refused (${trouble.status})`,
        remedy: `Make images/${name} a regular file inside images/ that everybody may read`,
        command: `chmod a+r images/${name}`,
      });
    case 'refused':
      return inquiry.http(server, portOf(url), name, true);
    case 'silent':
      return trouble.bytes === 0
        ? inquiry.http(server, portOf(url), name, false)
        : broken(name, trouble.bytes, 'nothing more came');
    case 'broken':
      return broken(name, trouble.bytes, trouble.reason);
  }
}

function refused(file: string, { code, message }: { code: number; message: string }): Error {
  if (code === NOT_FOUND) return new Missing(nameOf(file));
  return new Trouble({
    detail: `${file} was refused: TFTP error ${code}, ${message}`,
    remedy: 'See why in the log of tftp',
    command: 'docker compose logs tftp',
  });
}

function broken(file: string, bytes: number, reason: string): Trouble {
  return new Trouble({
    detail: `${file} broke off after ${sizeText(bytes)}: ${reason}`,
    remedy: 'See why in the log of http',
    command: 'docker compose logs http',
  });
}

function whereabouts(source: Source): { name: string; server: string } {
  return source.by === 'tftp'
    ? { name: nameOf(source.file), server: source.server }
    : { name: nameOf(decoded(source.url.pathname)), server: source.url.hostname };
}

function portOf({ port }: URL): number {
  return port === '' ? 80 : Number(port);
}

function nameOf(path: string): string {
  return path.replaceAll('\\', '/').replace(/^\/+/, '');
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
