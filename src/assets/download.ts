import { inWords } from './system-error.ts';

/** Why a download did not succeed, in words that name the URL. */
export class DownloadError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DownloadError';
  }
}

export interface DownloadLimits {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds without a byte. */
  readonly silence: number;
  /** Milliseconds altogether. */
  readonly total: number;
}

export const LOADER_LIMITS: DownloadLimits = { size: 16 * 1024 * 1024, silence: 30_000, total: 300_000 };

/**
 * Fetches a URL by HTTP(S) into memory, redirects followed.
 *
 * @throws DownloadError: no connection, a status other than 200, too large, too slow, fewer bytes than announced.
 */
export async function download(
  url: string,
  signal: AbortSignal,
  limits: DownloadLimits = LOADER_LIMITS,
): Promise<Uint8Array> {
  const silence = new AbortController();
  const quiet = () =>
    silence.abort(new DownloadError(`${url}: no answer for ${limits.silence / 1000} seconds`));
  let timer = setTimeout(quiet, limits.silence);
  const total = AbortSignal.timeout(limits.total);
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, silence.signal, total]),
      // What is checked and hashed is the file itself, not a packed form of it.
      headers: { 'accept-encoding': 'identity', 'user-agent': 'remoteboot' },
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new DownloadError(
        `${url}: the server answered ${response.status} ${response.statusText}`.trimEnd(),
      );
    }
    const announced = announcedLength(response);
    if (announced !== undefined && announced > limits.size) throw tooLarge(url, limits);
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of response.body ?? []) {
      clearTimeout(timer);
      timer = setTimeout(quiet, limits.silence);
      length += part.length;
      if (length > limits.size) throw tooLarge(url, limits);
      parts.push(part);
    }
    if (announced !== undefined && announced !== length) {
      throw new DownloadError(`${url}: the server announced ${announced} bytes and sent ${length}`);
    }
    return Buffer.concat(parts);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof DownloadError) throw error;
    const late = total.aborted ? `not done after ${limits.total / 1000} seconds` : connectionTrouble(error);
    throw new DownloadError(`${url}: ${late}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge(url: string, limits: DownloadLimits): DownloadError {
  return new DownloadError(`${url}: larger than ${limits.size} bytes, which no loader is`);
}

function announcedLength(response: Response): number | undefined {
  const length = response.headers.get('content-length');
  return length === null || response.headers.has('content-encoding') ? undefined : Number(length);
}

const TROUBLES: Record<string, string> = {
  ENOTFOUND: 'the name is not known to the DNS (no internet here, or a typing error)',
  EAI_AGAIN: 'the DNS does not answer (no internet here?)',
  ECONNREFUSED: 'the server refuses the connection',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'no route to the server',
  ENETUNREACH: 'no route to the server (no internet here?)',
  ETIMEDOUT: 'the server does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'the server does not answer',
  UND_ERR_SOCKET: 'the connection broke before everything had arrived',
  CERT_HAS_EXPIRED: "the server's certificate has expired (is this host's clock right?)",
  SELF_SIGNED_CERT_IN_CHAIN:
    "the server's certificate is self-signed (NODE_EXTRA_CA_CERTS names a file with its CA)",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "the server's certificate is not trusted (NODE_EXTRA_CA_CERTS names a file with its CA)",
};

/** fetch() says "fetch failed" and hides the reason in a chain of causes. */
function connectionTrouble(error: unknown): string {
  let deepest = error;
  for (
    let at: unknown = error;
    at instanceof Error;
    at = at instanceof AggregateError ? at.errors[0] : at.cause
  ) {
    const known = TROUBLES[(at as { code?: string }).code ?? ''];
    if (known) return known;
    deepest = at;
  }
  const words = inWords(deepest);
  return words === 'bad port' ? 'the port is on the list of those that HTTP clients must not use' : words;
}
