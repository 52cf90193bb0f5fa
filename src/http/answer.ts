import type { FileAsset } from '../assets/shared-file.ts';
import type { Conditions } from './conditions.ts';
import type { ByteRange } from './range.ts';

/** What a machine asks for, however its request was read. */
export interface Asked {
  readonly method: 'GET' | 'HEAD';
  /** The path and what follows it, as in the request line. */
  readonly target: string;
  /** The other end of the connection. */
  readonly address: string;
  readonly conditions: Conditions;
}

/** A part of an open file, to be sent and then closed. */
export interface FilePart {
  readonly asset: FileAsset;
  readonly part: ByteRange;
}

/** What it gets: whoever writes it adds Date and what concerns the connection. */
export interface Answer {
  readonly status: number;
  /** Content-Length included, unless the status is 304. */
  readonly headers: Readonly<Record<string, string>>;
  /** Neither for HEAD and 304. */
  readonly body?: Buffer | undefined;
  readonly file?: FilePart | undefined;
}

export const PLAIN_TEXT = 'text/plain; charset=utf-8';

/**
 * Files of images/ are anybody's, and lie beside the page: opened in a browser, none of them is taken for anything that can run, and what is
 * shown of it is of no origin.
 */
export const INERT = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox",
} as const;

export function textAnswer(
  method: Asked['method'],
  status: number,
  text: string,
  headers: Answer['headers'] = {},
): Answer {
  const bytes = Buffer.from(text);
  return {
    status,
    headers: { ...headers, ...INERT, 'Content-Type': PLAIN_TEXT, 'Content-Length': String(bytes.length) },
    body: method === 'HEAD' ? undefined : bytes,
  };
}
