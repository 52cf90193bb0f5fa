import { Router } from 'express';
import type { Choice } from '../../assets/choose.ts';
import { packagedFile } from '../../assets/packaged.ts';
import { describe, type Recognised } from '../../assets/recognise.ts';
import type { Survey, Surveyed } from '../../assets/survey.ts';
import type { Profile } from '../../config/profile.ts';
import { ARCHITECTURES, type LoaderArchitecture } from '../../protocol/pxe/architecture.ts';
import type { ApiParts } from './parts.ts';
import type { ImageFile, Images } from './shapes.ts';

/** What is in images/, what it is used as, and what stands in for what is not there. */
export function imageRoutes({ generated, profile }: ApiParts): Router {
  return Router().get('/images', async (_request, response) => {
    await generated.current();
    const { survey, choice } = generated.state;
    response.json(imagesOf(survey, choice, profile, await standIns(survey, profile)));
  });
}

/** A packaged loader, by the name that machines ask for. */
interface StandIn {
  readonly asked: string;
  readonly file: Surveyed;
}

async function standIns(survey: Survey, { loaders, paths }: Profile): Promise<StandIn[]> {
  const there = new Set(survey.readable ? survey.found.map(({ name }) => name) : []);
  const missing = Object.values(loaders).filter(({ name }) => !there.has(name));
  const found = missing.map(async ({ name }) => ({
    asked: name,
    file: await packagedFile(paths.loaders, name),
  }));
  return (await Promise.all(found)).flatMap(({ asked, file }) => (file ? [{ asked, file }] : []));
}

function imagesOf(
  survey: Survey,
  choice: Choice | undefined,
  { boot, loaders, paths }: Profile,
  packaged: readonly StandIn[],
): Images {
  const roles = (name: string) => [
    ...(choice?.ready && choice.kernel === name ? ['kernel'] : []),
    ...(choice?.ready && choice.initrds.includes(name) ? ['initrd'] : []),
    ...Object.values(loaders).flatMap((loader) =>
      loader.name === name ? [`loader of ${machines(loader.architecture)}`] : [],
    ),
  ];
  const own = survey.readable ? survey.found : [];
  return {
    choice: choiceView(choice, boot.cmdline),
    files: [
      ...own.map((file) => fileView(file, file.name, roles(file.name), false)),
      ...packaged.map(({ asked, file }) => fileView(file, asked, roles(asked), true)),
    ],
    unreadable: survey.readable ? survey.unreadable : [{ name: paths.images, why: survey.reason }],
  };
}

function choiceView(choice: Choice | undefined, cmdline: string): Images['choice'] {
  if (!choice)
    return { ready: false, reason: 'images/ has not been looked at yet', remedy: 'ask again in a second' };
  return choice.ready ? { ...choice, cmdline } : choice;
}

function fileView(
  { file, size, modified, cutOff }: Surveyed,
  name: string,
  roles: readonly string[],
  packaged: boolean,
): ImageFile {
  const architecture = architectureOf(file);
  return {
    name,
    kind: file.kind,
    what: `${headline(describe(file))}${cutOff ? `, cut off: ${cutOff}` : ''}`,
    ...(file.kind === 'kernel' && file.version ? { version: file.version } : {}),
    ...(architecture ? { architecture } : {}),
    size,
    modified,
    roles,
    packaged,
  };
}

const KERNELS = { x86: 'ia32', x86_64: 'x64', arm64: 'arm64', other: undefined } as const;

/** By the names that the variables of loaders have: x64, ia32, arm64, bios. */
function architectureOf(file: Recognised): string | undefined {
  if (file.kind === 'kernel') return KERNELS[file.architecture];
  if (file.kind === 'nbp') return 'bios';
  return file.kind === 'efi' && file.machine !== 'other' ? file.machine : undefined;
}

/** "UEFI x64" */
function machines(loader: LoaderArchitecture): string {
  return Object.values(ARCHITECTURES).find((known) => known.loader === loader)?.name ?? loader;
}

/** "a Linux kernel …" → "Linux kernel …" */
function headline(text: string): string {
  const bare = text.replace(/^an? /, '');
  return `${bare[0]?.toUpperCase() ?? ''}${bare.slice(1)}`;
}
