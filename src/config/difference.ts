import { isDeepStrictEqual } from 'node:util';
import type { Profile } from './profile.ts';
import type { Service } from './resolve.ts';

interface Aspect {
  of(profile: Profile): unknown;
  /** Follows "adapter eth1 ". */
  told(now: Profile): string;
}

/** Sockets that are bound to an adapter, or send by it, are deaf or dumb once it has another index. */
const index: Aspect = { of: ({ adapter }) => adapter.index, told: () => 'was made anew' };
const place: Aspect = {
  of: ({ adapter, addresses }) => [adapter.address, adapter.subnet, addresses],
  told: () => 'has another address or mask',
};
/** Addresses that the host has taken or given up are no machine's, or may be. */
const pools: Aspect = {
  of: ({ pool, subnets, gateway, dns }) => [pool, subnets, gateway, dns],
  told: () => 'has other addresses, which changes what machines are given',
};
/** Who is near, and so may load files. */
const near: Aspect = {
  of: ({ adapter, subnets }) => [adapter.addresses, subnets],
  told: () => 'has other addresses',
};
const mtu: Aspect = {
  of: ({ adapter }) => adapter.mtu,
  told: ({ adapter }) => `has another MTU, ${adapter.mtu}`,
};

const MATTERS: Record<Service, readonly Aspect[]> = {
  dhcp: [index, place, pools],
  tftp: [index, place, near, mtu],
  http: [place],
};

/** Why a service that was started on a profile has to be started anew on this one; undefined where it need not. */
export function difference(service: Service, before: Profile, now: Profile): string | undefined {
  return MATTERS[service].find(({ of }) => !isDeepStrictEqual(of(before), of(now)))?.told(now);
}
