import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { checkLoader } from '../../../assets/loader-check.ts';
import { packagedFile } from '../../../assets/packaged.ts';
import { errnoOf, inWords } from '../../../assets/system-error.ts';
import { loaderSources } from '../../../config/loader-sources.ts';
import type { LoaderSource } from '../../../config/profile.ts';
import { isLocalAddress } from '../../../platform/adapters.ts';
import { formatIpv4 } from '../../../protocol/ipv4.ts';
import { architecture, type LoaderArchitecture } from '../../../protocol/pxe/architecture.ts';
import type { ReportLine } from '../../report.ts';
import { check, type Patient } from '../check.ts';
import { hostFolder, quoted } from '../mending.ts';
import { sizeText } from './disk.ts';

export interface LoaderFacts {
  readonly loader: Pick<LoaderSource, 'architecture' | 'name'>;
  readonly folder: string;
  readonly found:
    | {
        readonly from: 'images' | 'package';
        readonly bytes: number;
        /** The version that iPXE says of itself, where it is not packed. */
        readonly build: string | undefined;
        /** The end of the sentence "It …". */
        readonly trouble: string | undefined;
      }
    | { readonly from: 'nowhere'; readonly unreadable: string | undefined };
  /** A packaged one stands in where images/ has none. */
  readonly packaged: boolean;
  /** Machines of that architecture have asked here. */
  readonly wanted: boolean;
}

export const loaders = check('loaders', 'Loaders', gather, ({ elsewhere, facts }) =>
  elsewhere
    ? [{ state: 'note', what: 'loaders', detail: `machines are sent to ${elsewhere} for them` }]
    : facts.flatMap(judge),
);

/** Every network has such machines. */
const COMMON: readonly LoaderArchitecture[] = ['bios', 'x64'];

async function gather({ settings, paths, seen, resolution }: Patient) {
  const tftp = resolution.state === 'ready' ? resolution.profile.addresses.tftp : undefined;
  const elsewhere = tftp !== undefined && !isLocalAddress(tftp) ? formatIpv4(tftp) : undefined;
  return { elsewhere, facts: await factsOf({ settings, paths, seen }) };
}

async function factsOf({
  settings,
  paths,
  seen,
}: Pick<Patient, 'settings' | 'paths' | 'seen'>): Promise<LoaderFacts[]> {
  const asked = new Set(seen.machines.map((one) => architecture(one.architecture).loader));
  return Promise.all(
    Object.values(loaderSources(settings)).map(async (loader) => {
      const packaged = await packagedFile(paths.loaders, loader.name);
      const standIn = packaged && path.join(paths.loaders, packaged.name);
      return {
        loader,
        folder: hostFolder('images', paths.images),
        found: await find(path.join(paths.images, loader.name), standIn, loader),
        packaged: packaged !== undefined,
        wanted: COMMON.includes(loader.architecture) || asked.has(loader.architecture),
      };
    }),
  );
}

async function find(
  file: string,
  standIn: string | undefined,
  loader: LoaderSource,
): Promise<LoaderFacts['found']> {
  try {
    return lookAt('images', await readFile(file), loader);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') return { from: 'nowhere', unreadable: inWords(error) };
  }
  if (standIn === undefined) return { from: 'nowhere', unreadable: undefined };
  // LOADER_SHA256 is about what is fetched.
  return lookAt('package', await readFile(standIn), { ...loader, sha256: [] });
}

function lookAt(from: 'images' | 'package', bytes: Buffer, loader: LoaderSource): LoaderFacts['found'] {
  return { from, bytes: bytes.length, build: buildOf(bytes), trouble: checkLoader(loader, bytes) };
}

/** "1.21.1+git-20250501.1d1cf74", as in the line that iPXE greets with. */
export function buildOf(bytes: Buffer): string | undefined {
  return /\b\d+\.\d+\.\d+\+[\w.+~()-]{1,40}/.exec(bytes.toString('latin1'))?.[0];
}

export function judge({ loader, folder, found, packaged, wanted }: LoaderFacts): ReportLine[] {
  const machines = machinesOf(loader.architecture);
  const at = quoted(path.join(folder, loader.name));
  const what = loader.name;
  if (found.from === 'nowhere') {
    if (found.unreadable !== undefined)
      return [
        {
          state: 'fail',
          what,
          detail: `cannot be read, so ${machines} machines get none: ${found.unreadable}`,
          command: `sudo chmod a+r ${at}`,
        },
      ];
    const none = `there is none for ${machines} machines`;
    if (!wanted) return [{ state: 'note', what, detail: `${none}, and none of them has asked yet` }];
    return [
      {
        state: 'fail',
        what,
        detail: none,
        remedy: 'fetch it; or put it there by hand',
        command: 'docker compose run --rm tftp pull',
      },
    ];
  }
  if (found.trouble !== undefined)
    return [
      {
        state: 'fail',
        what,
        detail: `for ${machines} machines: it ${found.trouble}`,
        remedy: packaged
          ? 'remove it, and the one that comes with remoteboot is served until another is fetched'
          : 'fetch it anew',
        command: packaged ? `rm ${at}` : 'docker compose run --rm tftp pull',
      },
    ];
  const where = found.from === 'images' ? '' : ', the one that comes with remoteboot';
  const build = found.build ? `iPXE ${found.build}` : 'its build cannot be told';
  return [
    {
      state: 'ok',
      what,
      detail: `for ${machines} machines: ${build}, ${sizeText(found.bytes)}${where}`,
    },
  ];
}

const NAMES: Readonly<Record<LoaderArchitecture, string>> = {
  bios: 'BIOS',
  x64: 'UEFI x64',
  ia32: 'UEFI x86 (32 bit)',
  arm64: 'UEFI arm64',
  arm32: 'UEFI arm32',
};
const machinesOf = (architecture: LoaderArchitecture) => NAMES[architecture];
