import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoaderSource } from '../config/profile.ts';
import { writeAtomically } from './atomic-write.ts';
import { DownloadError, LOADER_LIMITS } from './download.ts';
import { downloadApart } from './download-apart.ts';
import { checkLoader } from './loader-check.ts';
import { errnoOf, inWords } from './system-error.ts';

/** Reads a whole file by TFTP; rejects with an Error whose message says why not. */
export type TftpRead = (
  source: { readonly host: string; readonly port: number; readonly file: string },
  signal: AbortSignal,
) => Promise<Uint8Array>;

/** Which loader, from where, to where. */
export interface LoaderRequest {
  readonly loader: LoaderSource;
  /** The folder images/. */
  readonly images: string;
}

/** Why there is no new loader. 'folder': images/ cannot be written, which no other source would change. */
export class LoaderError extends Error {
  readonly code: 'source' | 'content' | 'folder';

  constructor(code: LoaderError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LoaderError';
    this.code = code;
  }
}

export function loaderPath({ loader, images }: LoaderRequest): string {
  return join(images, loader.name);
}

/**
 * Fetches the loader from its URL, checks it, and puts it into images/, replacing what is there.
 *
 * @returns its size in bytes.
 * @throws LoaderError
 */
export async function fetchLoader(
  request: LoaderRequest,
  readTftp: TftpRead,
  signal: AbortSignal,
): Promise<number> {
  const { loader } = request;
  const bytes = await read(loader.url, readTftp, signal);
  const trouble = checkLoader(loader, bytes);
  if (trouble) throw new LoaderError('content', `what ${loader.url} gave ${trouble}`);
  signal.throwIfAborted();
  try {
    await writeAtomically(loaderPath(request), bytes);
  } catch (error) {
    throw new LoaderError('folder', cannotWrite(request, error), { cause: error });
  }
  return bytes.length;
}

const REMEDIES: Record<string, string> = {
  EROFS: 'mount it without :ro',
  EACCES: 'give the user of the container the right to write there',
  EPERM: 'give the user of the container the right to write there',
  ENOSPC: 'make room there',
  EDQUOT: 'make room there',
  ENOENT: 'make that folder',
};

function cannotWrite(request: LoaderRequest, error: unknown): string {
  const remedy = REMEDIES[errnoOf(error) ?? ''] ?? 'make it writable';
  return `${loaderPath(request)} cannot be written, ${inWords(error)}: ${remedy}, or put the loader there yourself`;
}

async function read(url: string, readTftp: TftpRead, signal: AbortSignal): Promise<Uint8Array> {
  const { protocol, hostname, port, pathname } = new URL(url);
  try {
    if (protocol !== 'tftp:') return await downloadApart(url, signal);
    const file = decodeURIComponent(pathname.replace(/^\//, ''));
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LOADER_LIMITS.total)]);
    const source = { host: hostname, port: Number(port || 69), file };
    return await Promise.race([readTftp(source, limit), aborted(limit)]);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const message = error instanceof DownloadError ? error.message : `${url}: ${inWords(error)}`;
    throw new LoaderError('source', message, { cause: error });
  }
}

/** Rejects with the signal's reason: a client that does not listen to its signal must not hold up a stop. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** What is in images/ under the loader's name: nothing, something good, or something odd and why. */
export async function presentLoader(
  request: LoaderRequest,
): Promise<{ present: false } | { present: true; trouble: string | undefined }> {
  try {
    const bytes = await readFile(loaderPath(request));
    return { present: true, trouble: checkLoader(request.loader, bytes) };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { present: false };
    return { present: true, trouble: `cannot be read: ${inWords(error)}` };
  }
}
