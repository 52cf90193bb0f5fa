import { Worker } from 'node:worker_threads';
import { DownloadError } from './download.ts';
import type { Downloaded } from './download-worker.ts';

/**
 * {@link download} on a thread of its own, which ends with it.
 *
 * @throws DownloadError as download() does; the signal's reason where it is aborted.
 */
export function downloadApart(url: string, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const worker = new Worker(new URL('./download-worker.ts', import.meta.url), {
      workerData: url,
      // The process's own may be about its first script.
      execArgv: [],
    });
    const give = (result: Uint8Array | Error) => {
      signal.removeEventListener('abort', abort);
      if (result instanceof Error) reject(result);
      else resolve(result);
      void worker.terminate();
    };
    const abort = () => give(signal.reason);
    signal.addEventListener('abort', abort);
    worker.on('message', (done: Downloaded) => {
      give('bytes' in done ? done.bytes : new DownloadError(done.trouble));
    });
    worker.on('error', (error: unknown) => give(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => give(new DownloadError(`${url}: the download broke off`)));
  });
}
