import { Router } from 'express';
import { formatIpv4, formatSubnet } from '../../protocol/ipv4.ts';
import { isLocal } from './access.ts';
import type { ApiParts } from './parts.ts';
import type { Appliance } from './shapes.ts';

/** What is served, and how; and how the services are. */
export function applianceRoutes({ version, profile, services, rules }: ApiParts): Router {
  const { adapter, addresses, httpPort } = profile;
  return Router()
    .get('/appliance', async (request, response) => {
      const appliance: Appliance = {
        version,
        adapter: {
          name: adapter.name,
          address: formatIpv4(adapter.address),
          subnet: formatSubnet(adapter.subnet),
        },
        mode: (await services.mode()) ?? profile.mode,
        addresses: {
          dhcp: formatIpv4(addresses.dhcp),
          tftp: formatIpv4(addresses.tftp),
          http: formatIpv4(addresses.http),
        },
        httpPort,
        needsToken: !isLocal(request.socket.remoteAddress ?? '', rules),
      };
      response.json(appliance);
    })
    .get('/health', async (_request, response) => {
      response.json(await services.health());
    });
}
