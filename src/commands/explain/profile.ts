import type { Paths } from '../../config/profile.ts';
import { DEFAULT_BRIDGE, type Resolution, resolve } from '../../config/resolve.ts';
import type { Settings } from '../../config/settings.ts';
import type { AdapterFacts } from '../../platform/adapters.ts';

/** The bridge that dhcp makes when it starts, for as long as it has not. */
const BRIDGE: AdapterFacts = {
  name: DEFAULT_BRIDGE.name,
  index: 0,
  mac: '00:00:00:00:00:00',
  mtu: 1500,
  carrier: false,
  up: true,
  addresses: [{ address: DEFAULT_BRIDGE.address, prefix: DEFAULT_BRIDGE.prefix }],
};

/** What the settings come to; without ADAPTER also before the appliance has ever run. */
export function profileOf(settings: Settings, adapters: readonly AdapterFacts[], paths: Paths): Resolution {
  const isThere = adapters.some(({ name, addresses }) => name === BRIDGE.name && addresses.length > 0);
  const known =
    settings.ADAPTER === undefined && !isThere
      ? [...adapters.filter(({ name }) => name !== BRIDGE.name), BRIDGE]
      : adapters;
  return resolve(settings, known, paths, 'dhcp');
}
