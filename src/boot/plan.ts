import { formatIpv4 } from '../protocol/ipv4.ts';
import { architecture } from '../protocol/pxe/architecture.ts';
import type { Client } from './client.ts';

/** What of the configuration decides the boot file. */
export interface PlanSettings {
  readonly http: number;
  readonly httpPort: number;
  readonly loaders: { readonly bios: string };
}

/** What the client shall load next. */
export type Plan =
  /** By TFTP, a name inside images/. */
  | { readonly kind: 'loader'; readonly file: string }
  | { readonly kind: 'script'; readonly url: string }
  /** An ordinary client: address, no boot options. */
  | { readonly kind: 'none' }
  /** It wants to boot, and there is nothing for it. */
  | { readonly kind: 'no-loader'; readonly architecture: string };

export const SCRIPT_NAME = 'infrakit.ipxe';

/** RFC 4578 §2.1: a PXE client that names no architecture is an old BIOS ROM. */
const BIOS = 0;

/** Decided from this client alone: an iPXE gets the script and never a loader again, which would loop. */
export function planFor(client: Client, settings: PlanSettings): Plan {
  if (client.firmware === 'other') return { kind: 'none' };
  if (client.firmware === 'ipxe') return { kind: 'script', url: scriptUrl(settings) };
  const { name, loader } = architecture(client.architecture ?? BIOS);
  if (client.firmware === 'pxe' && loader === 'bios') return { kind: 'loader', file: settings.loaders.bios };
  return { kind: 'no-loader', architecture: name };
}

export function scriptUrl({ http, httpPort }: Pick<PlanSettings, 'http' | 'httpPort'>): string {
  return `http://${formatIpv4(http)}${httpPort === 80 ? '' : `:${httpPort}`}/${SCRIPT_NAME}`;
}
