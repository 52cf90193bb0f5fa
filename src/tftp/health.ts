import { formatIpv4, type Ipv4 } from '../protocol/ipv4.ts';
import { readBack } from './probe.ts';

export type Health = { readonly state: 'ok' } | { readonly state: 'failing'; readonly problem: string };

const PATIENCE_MS = 3000;

/** Reads the loader back from the running service, through the client of the `tftp` package. */
export async function loaderReadsBack(address: Ipv4, port: number, loader: string): Promise<Health> {
  const host = formatIpv4(address);
  try {
    const bytes = await readBack(host, port, loader, { timeoutMs: PATIENCE_MS });
    if (bytes.length > 0) return { state: 'ok' };
    return { state: 'failing', problem: `the loader ${loader} is empty` };
  } catch (error) {
    const { message } = error as Error;
    return { state: 'failing', problem: `tftp://${host}:${port}/${loader} cannot be read: ${message}` };
  }
}
