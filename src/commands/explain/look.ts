import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Choice, choose } from '../../assets/choose.ts';
import { Surveyor } from '../../assets/survey.ts';
import type { Shelf } from '../../boot/chain.ts';
import {
  GENERATED,
  type GeneratedName,
  generate,
  NO_CONTENT,
  type ServedText,
} from '../../boot/generated.ts';
import { isUnedited } from '../../boot/script-mark.ts';
import { shelfOf } from '../../boot/shelf.ts';
import type { Profile } from '../../config/profile.ts';
import { isLocalAddress } from '../../platform/adapters.ts';

/** Looks into images/ as http does, and changes nothing there. Never rejects. */
export async function lookAt(profile: Profile): Promise<Shelf> {
  const { images } = profile.paths;
  const { kernel, initrd = [] } = profile.boot;
  const loaders = Object.values(profile.loaders).map(({ name }) => name);
  const also = [...(kernel === undefined ? [] : [kernel]), ...initrd, ...loaders];
  const survey = await new Surveyor({ folder: images, ignored: NO_CONTENT, also }).look();
  const choice: Choice = survey.readable
    ? choose(survey.found, profile.boot, survey.unreadable)
    : { ready: false, reason: survey.reason, remedy: 'make images/ a folder that may be read' };
  const scripts = await Promise.all(
    GENERATED.map(
      async (name) => [name, await served(images, name, generate(name, profile, choice))] as const,
    ),
  );
  return shelfOf({
    profile,
    survey,
    choice,
    scripts: Object.fromEntries(scripts) as Record<GeneratedName, ServedText>,
    // The bridge that dhcp makes for itself need not be there yet.
    isOurs: (address) => address === profile.addresses.dhcp || isLocalAddress(address),
  });
}

/** Somebody's own edition where there is one, and what http makes elsewhere. */
async function served(images: string, name: GeneratedName, text: string): Promise<ServedText> {
  const present = await readFile(join(images, name), 'utf8').catch(() => undefined);
  return present === undefined || isUnedited(present)
    ? { text, made: 'generated' }
    : { text: present, made: 'edited' };
}
