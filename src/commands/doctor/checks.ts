import type { Check } from './check.ts';
import { adapter } from './checks/adapter.ts';
import { clock } from './checks/clock.ts';
import { configuration } from './checks/configuration.ts';
import { databases } from './checks/databases.ts';
import { disk } from './checks/disk.ts';
import { firewall } from './checks/firewall.ts';
import { images } from './checks/images.ts';
import { loaders } from './checks/loaders.ts';
import { networks } from './checks/networks.ts';
import { ports } from './checks/ports.ts';
import { relays } from './checks/relays.ts';
import { rights } from './checks/rights.ts';
import { servers } from './checks/servers.ts';
import { services } from './checks/services.ts';

/** In the order in which one thing stands on another. */
export const CHECKS: readonly Check[] = [
  configuration,
  adapter,
  networks,
  relays,
  services,
  ports,
  servers,
  firewall,
  images,
  loaders,
  rights,
  disk,
  databases,
  clock,
];
