import { describe } from '../assets/recognise.ts';
import { authority } from '../protocol/ipxe/url.ts';
import type { LoaderArchitecture } from '../protocol/pxe/architecture.ts';
import type { FileLink, Protocol } from './chain.ts';
import { GRUB_CONFIG_NAME } from './grub.ts';
import { SCRIPT_NAME } from './plan.ts';
import { filesOf } from './script-files.ts';
import { elsewhere, found, placeOf, type ShelfOptions } from './shelf-place.ts';
import { LOOK_AGAIN } from './waiting.ts';

/** The script as it is served now, and behind it the files that it loads. */
export function scriptLinks(
  options: ShelfOptions,
  program: 'ipxe' | 'grub',
  by: Protocol,
  machine: LoaderArchitecture | undefined,
): FileLink[] {
  const name = program === 'ipxe' ? SCRIPT_NAME : GRUB_CONFIG_NAME;
  const place = placeOf(options, 'script', name, by);
  const away = elsewhere(options, place, by);
  if (away) return [away];
  const { text, made } = options.scripts[name];
  const script = { ...place, text, size: Buffer.byteLength(text) };
  if (made === 'edited') {
    const because = [
      `Somebody has edited images/${name}, so it is served as it is (delete it to have it made again).`,
    ];
    return [{ ...script, state: 'ok', because }, ...named(options, program, text, by)];
  }
  const { choice } = options;
  const because = 'It is made from KERNEL, INITRD and CMDLINE in .env, and from what lies in images/.';
  if (!choice.ready)
    return [
      {
        ...script,
        state: 'fail',
        because: [
          because,
          `${sentence(choice.reason)} The machine shows that on its screen, and looks again every ${LOOK_AGAIN} s.`,
        ],
        remedy: sentence(choice.remedy).slice(0, -1),
      },
    ];
  return [
    { ...script, state: 'ok', because: [because] },
    kernelLink(options, choice.kernel, by, machine, choice.notes),
    ...choice.initrds.map((initrd) => fileLink(options, 'initrd', initrd, by)),
  ];
}

function fileLink(
  options: ShelfOptions,
  stage: FileLink['stage'],
  name: string,
  by: Protocol,
  why: readonly string[] = [],
): FileLink {
  const place = placeOf(options, stage, name, by);
  const file = found(options.survey, name);
  const { kernel, initrd } = options.profile.boot;
  const set = stage === 'kernel' ? kernel !== undefined : initrd !== undefined;
  const variable = stage.toUpperCase();
  const because = set
    ? `${variable} in .env names it.`
    : `It is the one ${stage} in images/, by its content.`;
  const facts = file && { size: file.size, what: describe(file.file) };
  return { ...place, ...facts, state: 'ok', because: [because, ...why] };
}

/** Which kernels a machine can start. */
const RUNS: Record<LoaderArchitecture, readonly string[]> = {
  bios: ['x86', 'x86_64'],
  x64: ['x86_64'],
  ia32: ['x86', 'x86_64'],
  arm64: ['arm64'],
  arm32: [],
};

function kernelLink(
  options: ShelfOptions,
  name: string,
  by: Protocol,
  machine: LoaderArchitecture | undefined,
  notes: readonly string[],
): FileLink {
  const link = fileLink(options, 'kernel', name, by, notes.map(sentence));
  const file = found(options.survey, name)?.file;
  const isOther =
    file?.kind === 'kernel' &&
    machine !== undefined &&
    file.architecture !== 'other' &&
    !RUNS[machine].includes(file.architecture);
  if (isOther)
    return {
      ...link,
      state: 'fail',
      because: [...link.because, `It is ${describe(file)}, which that machine cannot start.`],
      remedy: `Put a kernel for that machine into images/, and name it: KERNEL=… in .env`,
    };
  return notes.length > 0 ? { ...link, state: 'warn' } : link;
}

/** What a script of somebody's own names, as far as that can be read. */
function named(options: ShelfOptions, program: 'ipxe' | 'grub', text: string, by: Protocol): FileLink[] {
  if (program === 'grub') return [];
  const { addresses, httpPort } = options.profile;
  const ours = [80, httpPort].map((port) => authority({ address: addresses.http, port }));
  return filesOf(text, ours).flatMap(({ name, line }): FileLink[] => {
    if (name === SCRIPT_NAME) return [];
    const file = found(options.survey, name);
    const stage = file?.file.kind === 'kernel' ? 'kernel' : 'initrd';
    const place = placeOf(options, stage, name, by);
    const because = [`Line ${line} of the script names it.`];
    if (file) return [{ ...place, state: 'ok', size: file.size, what: describe(file.file), because }];
    // What lies in folders is not searched.
    if (name.includes('/')) return [{ ...place, state: 'unknown', because }];
    return [
      {
        ...place,
        state: 'warn',
        because: [...because, 'images/ has no such file.'],
        remedy: `Put ${name} into images/, or correct line ${line} of images/${SCRIPT_NAME}`,
      },
    ];
  });
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}.`;
}
