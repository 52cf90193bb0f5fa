import { Worker } from 'node:worker_threads';
import type { Errand, Finding } from './probe-worker.ts';

const LARGEST = 64 * 1024 * 1024;

export interface ReadBackOptions {
  /** For the whole file. */
  readonly timeoutMs: number;
  /** More than this is an error: by default 64 MiB. */
  readonly maxBytes?: number;
}

/**
 * Fetches a file through the client of the `tftp` package, in a worker: that client has no limit of time or
 * size, and whatever an answer does to it, there it can end nothing but itself.
 *
 * @param host literal address or name.
 * @throws Error (always through the promise) with the server's words, or what went wrong.
 */
export function readBack(
  host: string,
  port: number,
  file: string,
  { timeoutMs, maxBytes = LARGEST }: ReadBackOptions,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const workerData: Errand = { host, port, file, maxBytes };
    const worker = new Worker(new URL('./probe-worker.ts', import.meta.url), {
      workerData,
      // Whatever the package prints is none of the log's business.
      stdout: true,
      stderr: true,
    });
    const timer = setTimeout(() => give(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    const give = (result: Uint8Array | Error) => {
      clearTimeout(timer);
      if (result instanceof Error) reject(result);
      else resolve(result);
      void worker.terminate();
    };
    worker.on('message', (finding: Finding) =>
      give('bytes' in finding ? finding.bytes : new Error(finding.problem)),
    );
    worker.on('error', (error: unknown) => give(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => give(new Error('the tftp client ended without a result')));
  });
}
