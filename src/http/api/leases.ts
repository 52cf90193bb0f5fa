import { Router } from 'express';
import type { PoolRange, Profile } from '../../config/profile.ts';
import { formatIpv4, formatSubnet, type Subnet } from '../../protocol/ipv4.ts';
import { passOn } from './dhcp-answer.ts';
import { sendLongJson } from './long-json.ts';
import { answered } from './machines.ts';
import type { ApiParts } from './parts.ts';
import type { Leases, Pool } from './shapes.ts';
import { sharedAnswer } from './shared-answer.ts';

/** A million leases are a second's work, though not of the thread that serves machines. */
const REUSED_MS = 500;

/** Who has which address, and the operator's way to free one. */
export function leaseRoutes({ observed, profile, services }: ApiParts): Router {
  const written = sharedAnswer(() => observed.leases(), REUSED_MS);
  return Router()
    .get('/leases', async (request, response) => {
      const [leases, mode] = await Promise.all([answered(written()), services.mode()]);
      const pools: Leases['pools'] = (mode ?? profile.mode) === 'proxy' ? [] : poolsOf(profile);
      await sendLongJson(request, response, [`{"pools":${JSON.stringify(pools)},"leases":`, leases, '}']);
    })
    .post('/leases/:address/release', async (request, response) => {
      const { address } = request.params;
      const by = request.socket.remoteAddress ?? 'unknown';
      passOn(await services.askDhcp('/release', { address, by }), response);
    });
}

function poolsOf({ adapter, pool, subnets }: Profile): Pool[] {
  return [poolOf(adapter.subnet, pool), ...subnets.map((relayed) => poolOf(relayed.subnet, relayed.pool))];
}

function poolOf(subnet: Subnet, { first, count, reserved }: PoolRange): Pool {
  return {
    subnet: formatSubnet(subnet),
    first: formatIpv4(first),
    count,
    reserved: reserved.map(({ address, holder }) => ({ address: formatIpv4(address), holder })),
  };
}
