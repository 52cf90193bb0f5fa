import { checkLoader } from '../../assets/loader-check.ts';
import { describe, recognise } from '../../assets/recognise.ts';
import type { ReportLine } from '../report.ts';
import type { Fetched } from './fetch-file.ts';
import type { Machinery } from './kinds.ts';
import type { Originals } from './originals.ts';
import { Trouble } from './trouble.ts';

/** What is odd about a file that came, though it may be meant. */
export type Oddity = Pick<ReportLine, 'detail' | 'remedy'>;

/** "as on disk", or nothing where this container does not see the file. @throws Trouble where it came otherwise. */
export async function compared(file: Fetched, originals: Originals): Promise<string> {
  const original = await originals.of(file.name);
  if (!original) return '';
  if (original.bytes === file.bytes && original.sha256 === file.sha256) return ', as on disk';
  throw new Trouble({
    detail:
      `${file.name} came with ${file.bytes} bytes and SHA-256 ${file.sha256.slice(0, 12)}…, ` +
      `but that in images/ has ${original.bytes} bytes and ${original.sha256.slice(0, 12)}…`,
    remedy: `See that nobody writes the file at this moment, and that ${file.server} is this appliance and not another server`,
    command: `sha256sum images/${file.name}`,
  });
}

/** @throws Trouble where the machine could not run it. */
export function checkedLoader(file: Fetched, { loader, title }: Machinery): void {
  const wrong = checkLoader({ architecture: loader, sha256: [] }, file.content);
  if (wrong === undefined) return;
  throw new Trouble({
    detail: `${file.name} is no loader for ${title}: it ${wrong}`,
    remedy: `Delete images/${file.name}, and a good one is fetched, or put the right one there`,
    command: `rm images/${file.name} && docker compose run --rm tftp pull`,
  });
}

/** What the kernel is, for people, and what is odd about it. */
export function kernelOf(file: Fetched, { architecture }: Machinery): { what: string; odd?: Oddity } {
  const found = recognise(file.content);
  const what = describe(found);
  if (found.kind === 'efi' || found.kind === 'nbp') return { what };
  if (found.kind !== 'kernel')
    return {
      what,
      odd: {
        detail: `${file.name} looks like ${what}, not like a kernel`,
        remedy: 'Correct KERNEL in .env, or the boot script where you have edited it',
      },
    };
  if (found.architecture !== 'x86_64' && found.architecture !== 'x86')
    return {
      what,
      odd: {
        detail: `${file.name} is ${what}, which a machine with an x86 processor cannot start`,
        remedy: 'Put a kernel for x86_64 into images/, and name it in .env: KERNEL=',
      },
    };
  if (architecture === BIOS || found.efiStub) return { what };
  return {
    what,
    odd: {
      detail: `${file.name} is ${what} without an EFI stub: UEFI machines cannot start it`,
      remedy: 'Take a kernel that was built with CONFIG_EFI_STUB=y, as those of all distributions are',
    },
  };
}

const BIOS = 0;

export function initrdOf(file: Fetched): { what: string; odd?: Oddity } {
  const found = recognise(file.content);
  const what = describe(found);
  if (found.kind === 'initrd') return { what };
  return {
    what,
    odd: {
      detail: `${file.name} looks like ${what}, not like an initrd`,
      remedy: 'Correct INITRD in .env, or the boot script where you have edited it',
    },
  };
}
