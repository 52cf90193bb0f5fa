import { parentPort, workerData } from 'node:worker_threads';
import { nodeHttp } from '../platform/node-http.ts';
import { DownloadError, download } from './download.ts';

/** Downloads one URL on a thread that ends with it: Node's fetch and TLS take 10 MB, which a service would keep for ever. */
export type Downloaded = { readonly bytes: Uint8Array } | { readonly trouble: string };

// The environment's HTTP_PROXY, HTTPS_PROXY and NO_PROXY.
nodeHttp.setGlobalProxyFromEnv();
const never = new AbortController().signal;

async function fetched(url: string): Promise<Downloaded> {
  try {
    return { bytes: await download(url, never) };
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    return { trouble: error.message };
  }
}

parentPort!.postMessage(await fetched(workerData as string));
