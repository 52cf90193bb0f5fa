import { loaderMissing, noLoader } from '../../journal/diagnosis/telling.ts';
import { sizeText } from '../../journal/diagnosis/words.ts';
import { isLocalAddress } from '../../platform/adapters.ts';
import { formatIpv4, parseIpv4 } from '../../protocol/ipv4.ts';
import { architecture } from '../../protocol/pxe/architecture.ts';
import { checkedLoader, compared } from './contents.ts';
import type { BootFile } from './dhcp-client.ts';
import { askSize, type Fetched, fetchFile, Missing, type Source } from './fetch-file.ts';
import type { Config } from './load-script.ts';
import { Trouble } from './trouble.ts';
import type { Booting, Passed } from './walk.ts';

/** shim, which loads GRUB, which reads its own configuration. */
const SIGNED = /(^|\/)shim[^/]*\.efi$/i;
const GRUB = 'grubx64.efi';
const GRUB_CONFIG = 'grub/grub.cfg';

/** The firmware's first stage: the loader that dhcp has named, and GRUB behind a signed one. */
export async function loadLoader(
  boot: BootFile,
  booting: Booting,
): Promise<Passed & { /** What it reads, where it is not iPXE. */ config?: Config }> {
  if (boot.file === '') throw nothing(booting);
  const source = sourceOf(boot, booting);
  const sized = source.by === 'tftp' ? { ...source, options: booting.machinery.tftp.size } : source;
  const size = await askSize(sized, booting).catch((error: unknown) => explained(error, booting));
  const loader = await fetchFile(source, booting, true).catch((error: unknown) => explained(error, booting));
  checkedLoader(loader, booting.machinery);
  const words = await told(loader, booting);
  const { lost } = loader;
  if (size !== undefined && size !== loader.bytes)
    throw new Trouble({
      detail: `${loader.name} was said to have ${size} bytes and came with ${loader.bytes}`,
      remedy: 'See that nobody writes the file at this moment',
    });
  if (SIGNED.test(loader.name)) {
    const grub = await fetchFile(beside(source, GRUB), booting, true).catch((error: unknown) =>
      explained(error, booting),
    );
    const detail = `${words}; then ${await told(grub, booting)}`;
    const config = { kind: 'grub', source: beside(source, GRUB_CONFIG) } as const;
    return { state: 'ok', detail, bytes: loader.bytes + grub.bytes, config };
  }
  if (lost === 0) return { state: 'ok', detail: words, bytes: loader.bytes };
  return {
    state: 'warn',
    detail: `${words}; ${lost} packets did not come in their time or order`,
    remedy: 'A host that is very busy does that, or a firewall that limits UDP; machines take longer for it',
    bytes: loader.bytes,
  };
}

/** "undionly.kpxe, 74 kB in 12 ms by TFTP from 10.0.0.1, as on disk" */
export async function told(file: Fetched, { originals }: Booting): Promise<string> {
  const { name, bytes, milliseconds, by, server } = file;
  // Another host has files of its own.
  const same = isLocalAddress(parseIpv4(server) ?? 0) ? await compared(file, originals) : '';
  return `${name}, ${sizeText(bytes)} in ${Math.ceil(milliseconds)} ms by ${by.toUpperCase()} from ${server}${same}`;
}

function sourceOf({ file, server }: BootFile, { machinery, profile }: Booting): Source {
  if (file.includes('://')) return { by: 'http', url: new URL(file) };
  const address = formatIpv4(server || profile.addresses.tftp);
  return { by: 'tftp', server: address, file, options: machinery.tftp.load };
}

/** A file of the same server and way. */
function beside(source: Source, file: string): Source {
  return source.by === 'tftp' ? { ...source, file } : { by: 'http', url: new URL(file, source.url) };
}

async function explained(error: unknown, { originals }: Booting): Promise<never> {
  if (!(error instanceof Missing)) throw error;
  const { cause, remedy } = loaderMissing(error.file, await originals.nearest(error.file));
  throw new Trouble({ detail: cause, remedy });
}

function nothing({ machinery, profile }: Booting): Trouble {
  const machines = architecture(machinery.architecture).name;
  const { cause, remedy } = noLoader({ machines, file: profile.loaders[machinery.loader].name });
  return new Trouble({ detail: cause, remedy, command: 'docker compose run --rm tftp pull' });
}
