import type { Choice } from '../assets/choose.ts';
import type { Survey, Surveyed } from '../assets/survey.ts';
import type { Profile } from '../config/profile.ts';
import { formatIpv4, type Ipv4 } from '../protocol/ipv4.ts';
import { fileUrl, tftpUrl } from '../protocol/ipxe/url.ts';
import type { FileLink, Protocol } from './chain.ts';
import type { GeneratedName, ServedText } from './generated.ts';

export interface ShelfOptions {
  readonly profile: Pick<Profile, 'addresses' | 'httpPort' | 'boot' | 'paths'>;
  readonly survey: Survey;
  readonly choice: Choice;
  readonly scripts: Readonly<Record<GeneratedName, ServedText>>;
  /** Whether an address is this host's: what others serve is not seen from here. */
  readonly isOurs: (address: Ipv4) => boolean;
}

export type Place = Pick<FileLink, 'kind' | 'stage' | 'name' | 'url'>;

/** Where a file would be fetched from. */
export function placeOf(
  { profile: { addresses, httpPort } }: Pick<ShelfOptions, 'profile'>,
  stage: FileLink['stage'],
  name: string,
  by: Protocol,
): Place {
  const http = { address: addresses.http, port: httpPort };
  return {
    kind: 'file',
    stage,
    name,
    url: by === 'tftp' ? tftpUrl(addresses.tftp, name) : fileUrl(http, name),
  };
}

/** The link to a file that another host serves; undefined where this one does. */
export function elsewhere(options: ShelfOptions, place: Place, by: Protocol): FileLink | undefined {
  const address = options.profile.addresses[by];
  if (options.isOurs(address)) return undefined;
  const variable = `ADDRESS_${by.toUpperCase()}`;
  const because = `${formatIpv4(address)} serves it (${variable}), and what that host has is not seen from here.`;
  return { ...place, state: 'unknown', because: [because] };
}

/** The file of images/ by that name. */
export function found(survey: Survey, name: string): Surveyed | undefined {
  return survey.readable ? survey.found.find((file) => file.name === name) : undefined;
}
