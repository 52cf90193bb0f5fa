import { contenders } from '../../bench/contenders/all.ts';
import type { ContenderName, Running, Site } from '../../bench/contract.ts';
import { CLIENT, CLIENT_ADAPTER, Field, SERVER, SERVER_ADAPTER } from '../../bench/field.ts';
import type { Lab } from '../../test/lab/net.ts';
import { connectBadly } from './cable.ts';
import type { Scenario } from './scenarios.ts';

/** Where machines of the load have their addresses: see bench/field.ts. */
const MACHINES = '10.16.0.0/12';
const SEED = 7;

/** A server behind a bad cable; every server has the same misfortunes, as far as it sends the same. */
export interface BadField {
  readonly field: Field;
  readonly running: Running;
}

/** `with a switch`: machines are plugged into bridge br0 of the client's host, which has no address then. */
export type Side = 'one host' | 'with a switch';

/** undefined where a peer cannot take part; `log` tells why. @throws Error where ours does not start. */
export async function startBadly(
  lab: Lab,
  name: ContenderName,
  { id, impairment }: Scenario,
  side: Side,
  site: Site,
  log: (line: string) => void,
): Promise<BadField | undefined> {
  const missing = contenders[name].missing();
  if (missing) {
    log(`${name} is left out: ${missing}`);
    return undefined;
  }
  const field = new Field(lab, `${name}${id}`);
  if (side === 'with a switch') field.makeSwitch();
  const client = side === 'with a switch' ? { bridge: 'br0' } : { address: `${CLIENT}/8` };
  await connectBadly(
    lab,
    { host: field.server, adapter: SERVER_ADAPTER, address: `${SERVER}/8` },
    { host: field.client, adapter: CLIENT_ADAPTER, ...client },
    impairment,
    SEED,
  );
  if (side === 'one host') field.client.ip('route', 'add', 'local', MACHINES, 'dev', CLIENT_ADAPTER);
  const services = site.services.filter((service) => contenders[name].serves.includes(service));
  return { field, running: await contenders[name].start(field, { ...site, services }) };
}
