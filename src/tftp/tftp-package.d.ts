/** The part of tftp@0.1.2 that is used here: its client's GET. */
declare module 'tftp' {
  import type { Readable } from 'node:stream';

  interface ClientOptions {
    host: string;
    port: number;
    /** Milliseconds; also sent as the `timeout` option, which servers ignore as out of range above 255. */
    timeout?: number;
    retries?: number;
    blockSize?: number;
    windowSize?: number;
  }

  interface GetOptions {
    /** Without this object an OACK with an unknown option fails with the text of a TypeError. */
    userExtensions: Record<string, string>;
  }

  interface Client {
    /** @throws Error synchronously for a name with `..` or multi-byte characters. */
    createGetStream(file: string, options: GetOptions): Readable;
  }

  const tftp: { createClient(options: ClientOptions): Client };
  export default tftp;
}
