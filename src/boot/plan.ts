import type { Ipv4 } from '../protocol/ipv4.ts';
import { FEATURE } from '../protocol/ipxe/features.ts';
import { fileUrl, type HttpServer, tftpUrl } from '../protocol/ipxe/url.ts';
import { architecture, type LoaderArchitecture } from '../protocol/pxe/architecture.ts';
import type { Client } from './client.ts';

/** What of the configuration decides the boot file. */
export interface PlanSettings {
  readonly http: HttpServer;
  readonly tftp: Ipv4;
  /** Names inside images/. */
  readonly loaders: Readonly<Record<LoaderArchitecture, string>>;
  /** Whether there is such a loader at this moment; always true where another host serves them. */
  hasLoader(architecture: LoaderArchitecture): boolean;
}

/** What the client shall load next. */
export type Plan =
  /** By TFTP, a name inside images/. */
  | { readonly kind: 'loader'; readonly file: string }
  /** UEFI HTTP Boot: the loader's absolute URL. */
  | { readonly kind: 'http-loader'; readonly url: string }
  | { readonly kind: 'script'; readonly url: string }
  /** A Raspberry Pi fetches its own files by TFTP, below a folder named after its serial number. */
  | { readonly kind: 'raspberry-pi' }
  /** An ordinary client: address, no boot options. */
  | { readonly kind: 'none' }
  /** It wants to boot, and there is nothing for it; `file` is the loader that is missing, if one is known for it. */
  | { readonly kind: 'no-loader'; readonly machines: string; readonly file: string | undefined };

export const SCRIPT_NAME = 'infrakit.ipxe';

/** RFC 4578 §2.1: a PXE client that names no architecture is an old BIOS ROM. */
const BIOS = 0;

/** Decided from this client alone: an iPXE gets the script and never a loader again, which would loop. */
export function planFor(client: Client, settings: PlanSettings): Plan {
  switch (client.firmware) {
    case 'other':
      return { kind: 'none' };
    case 'ipxe':
      return { kind: 'script', url: scriptUrl(client, settings) };
    case 'raspberry-pi':
      return { kind: 'raspberry-pi' };
    case 'pxe':
    case 'http':
      return loaderPlan(client, settings);
  }
}

/** Builds without HTTP load the script by TFTP, and by it all that the script names. */
function scriptUrl({ features }: Client, { http, tftp }: PlanSettings): string {
  const withoutHttp = features !== undefined && !features.has(FEATURE.http);
  return withoutHttp ? tftpUrl(tftp, SCRIPT_NAME) : fileUrl(http, SCRIPT_NAME);
}

function loaderPlan({ firmware, architecture: code }: Client, settings: PlanSettings): Plan {
  const { name: machines, loader } = architecture(code ?? BIOS);
  const file = loader && settings.loaders[loader];
  if (!loader || !file || !settings.hasLoader(loader)) return { kind: 'no-loader', machines, file };
  // No BIOS speaks HTTP: one that claims to is not what it says.
  if (firmware === 'http') {
    return loader === 'bios'
      ? { kind: 'no-loader', machines, file: undefined }
      : { kind: 'http-loader', url: fileUrl(settings.http, file) };
  }
  return { kind: 'loader', file };
}
