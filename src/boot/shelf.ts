import { packagedFile } from '../assets/packaged.ts';
import { describe, machineName, type Recognised } from '../assets/recognise.ts';
import type { LoaderArchitecture } from '../protocol/pxe/architecture.ts';
import type { FileLink, Protocol, Shelf } from './chain.ts';
import { elsewhere, found, type Place, placeOf, type ShelfOptions } from './shelf-place.ts';
import { scriptLinks } from './shelf-script.ts';

/** What machines would find in images/ now, and in the package behind it. */
export function shelfOf(options: ShelfOptions): Shelf {
  return {
    loader: (name, by, machine) => loader(options, name, by, machine),
    script: async (program, by, machine) => scriptLinks(options, program, by, machine),
  };
}

async function loader(
  options: ShelfOptions,
  name: string,
  by: Protocol,
  machine: LoaderArchitecture | undefined,
): Promise<FileLink> {
  const { survey, profile } = options;
  const place = placeOf(options, 'loader', name, by);
  const away = elsewhere(options, place, by);
  if (away) return away;
  const refused = survey.readable ? survey.unreadable.find((file) => file.name === name) : survey;
  if (refused) return missing(place, `${'why' in refused ? refused.why : refused.reason}.`);
  const own = found(survey, name);
  const packaged = own ? undefined : await packagedFile(profile.paths.loaders, name);
  const file = own ?? packaged;
  if (!file) return missing(place, `images/ has no ${name}, nor has the package of loaders.`);
  const from = own
    ? 'It lies in images/.'
    : `images/ has none yet, so it comes from the package: ${profile.paths.loaders}/${packaged!.name}.`;
  const wrong = misfit(file.file, machine);
  const facts = { ...place, size: file.size, what: describe(file.file) };
  return wrong === undefined
    ? { ...facts, state: 'ok', because: [from] }
    : {
        ...facts,
        state: 'fail',
        because: [from, `That is ${wrong}.`],
        remedy: `Put a loader for that machine into images/ as ${name}, or name another one (LOADER_${machine?.toUpperCase()} in .env)`,
      };
}

function missing(place: Place, why: string): FileLink {
  return {
    ...place,
    state: 'fail',
    because: [why],
    remedy: `Put ${place.name} into images/, as a file that everybody may read`,
  };
}

/** Why the machine cannot run it: "an EFI program for …, and the machine is …". */
function misfit(file: Recognised, machine: LoaderArchitecture | undefined): string | undefined {
  if (machine === undefined) return undefined;
  if (machine === 'bios') return file.kind === 'efi' ? `${describe(file)}, which no BIOS can run` : undefined;
  if (file.kind === 'efi')
    return file.machine === machine
      ? undefined
      : `${describe(file)}, and the machine is ${machineName(machine)}`;
  return `${describe(file)}, and UEFI runs EFI programs alone`;
}
