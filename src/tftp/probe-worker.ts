import { parentPort, workerData } from 'node:worker_threads';

/** What the worker is asked, and what it answers with one message. */
export interface Errand {
  readonly host: string;
  readonly port: number;
  readonly file: string;
  readonly maxBytes: number;
}

export type Finding = { readonly bytes: Uint8Array } | { readonly problem: string };

const { host, port, file, maxBytes } = workerData as Errand;

// The package calls new Buffer(); the flag has to be set before it is loaded.
process.noDeprecation = true;
const { default: tftp } = await import('tftp');

function answer(finding: Finding): void {
  parentPort!.postMessage(finding); // which ends this worker
}

const chunks: Buffer[] = [];
let length = 0;
tftp
  // One block at a time: after a loss inside a larger window this client accepts nothing more. Who asks
  // limits the time, so it may be stubborn.
  .createClient({ host, port, windowSize: 1, timeout: 1000, retries: 10 })
  .createGetStream(file, { userExtensions: {} })
  .on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > maxBytes) answer({ problem: `it is larger than ${maxBytes} bytes` });
    chunks.push(chunk);
  })
  .on('error', (error: Error) => answer({ problem: error.message }))
  .on('abort', () => answer({ problem: 'aborted' }))
  .on('end', () => answer({ bytes: Buffer.concat(chunks) }));
