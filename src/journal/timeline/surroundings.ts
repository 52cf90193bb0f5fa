import type { Profile } from '../../config/profile.ts';
import type { Service } from '../../config/resolve.ts';
import { formatIpv4, type Ipv4 } from '../../protocol/ipv4.ts';
import type { Event } from '../event.ts';
import type { ForeignServer } from '../foreign-events.ts';

type Of<K extends Event['kind']> = Extract<Event, { kind: K }>;
type Told<K extends Event['kind']> = { readonly at: number; readonly event: Of<K> };

/**
 * What the services have told that is about no machine alone, as of one moment. Never changed in place: an attempt keeps the one that it ran
 * in, and later settings do not rewrite its history.
 */
export interface Surroundings {
  /** What each service serves; absent where it has stopped, or its journal does not tell. */
  readonly profiles: Partial<Record<Service, Profile>>;
  readonly choice?: Of<'http.choice.ready' | 'http.choice.missing'>;
  /** Other DHCP servers that have shown themselves. */
  readonly foreign: readonly ForeignServer[];
  /** These are told for one machine of many that they concern. */
  readonly poolUsedUp?: Told<'dhcp.pool-used-up'>;
  readonly storeFailed?: Told<'dhcp.store-failed'>;
  readonly unknownRelay?: Told<'dhcp.unknown-relay'>;
  /** Loaders that do not look like one, with what is odd about them. */
  readonly oddLoaders: readonly { readonly path: string; readonly trouble: string }[];
}

export const NOTHING_KNOWN: Surroundings = { profiles: {}, foreign: [], oddLoaders: [] };

/** As many of each kind are remembered; names and addresses in them come from the network. */
const MOST = 16;

/** The surroundings after this event: the same object where it tells nothing of them. */
export function learn(known: Surroundings, event: Event, at: number): Surroundings {
  switch (event.kind) {
    case 'config.serving':
      return { ...known, profiles: { ...known.profiles, [event.service]: event.profile } };
    case 'config.stopped':
      return { ...known, profiles: { ...known.profiles, [event.service]: undefined } };
    case 'http.choice.ready':
    case 'http.choice.missing':
      return { ...known, choice: event };
    case 'dhcp.foreign-server':
    case 'dhcp.mode-chosen':
      return { ...known, foreign: merged(known.foreign, event.servers) };
    case 'dhcp.boot-rival':
      return { ...known, foreign: merged(known.foreign, [event.found]) };
    case 'dhcp.pool-used-up':
      return { ...known, poolUsedUp: { at, event } };
    case 'dhcp.store-failed':
      return { ...known, storeFailed: { at, event } };
    case 'dhcp.unknown-relay':
      return { ...known, unknownRelay: { at, event } };
    case 'asset.loader.odd':
      return {
        ...known,
        oddLoaders: [...known.oddLoaders.filter(({ path }) => path !== event.path), event].slice(-MOST),
      };
    default:
      return known;
  }
}

/** A later look may know less of a server, as where a machine only names it. */
function merged(known: readonly ForeignServer[], found: readonly ForeignServer[]): ForeignServer[] {
  const byServer = new Map(known.map((one) => [one.server, one]));
  for (const one of found) {
    const before = byServer.get(one.server);
    byServer.delete(one.server);
    byServer.set(one.server, {
      server: one.server,
      mac: one.mac ?? before?.mac,
      offered: one.offered ?? before?.offered,
      boots: one.boots.length > 0 ? one.boots : (before?.boots ?? []),
    });
  }
  return [...byServer.values()].slice(-MOST);
}

/** The address of another host that does this service's job, dotted; undefined where it is done here, or that is not known. */
export function handedTo({ profiles }: Surroundings, service: Service): string | undefined {
  const profile = profiles.dhcp ?? profiles.http ?? profiles.tftp;
  if (!profile || service === 'dhcp') return undefined;
  const advertised: Ipv4 = profile.addresses[service];
  const own = [profile.adapter.address, ...profile.adapter.addresses.map(({ address }) => address)];
  return own.includes(advertised) ? undefined : formatIpv4(advertised);
}
