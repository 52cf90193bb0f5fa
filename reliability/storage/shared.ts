import type { Context, Finding } from '../contract.ts';
import { comes, range, Site } from './site.ts';

const MACHINES = 10;

/** A second dhcp service is started on the state folder of one that runs, as where two adapters are served. */
export async function shared({ lab, folder }: Context): Promise<Finding> {
  await using one = await Site.open(lab, folder, { LEASE_COUNT: '30' });
  await using other = await Site.open(lab, folder, { LEASE_COUNT: '30', STATE_DIR: one.state });
  const first = await one.start();
  const given = await one.boot(range(0, MACHINES));
  const second = other.begin();
  await second.log.until(/another dhcp service keeps its leases/, { seconds: 30 });
  const refused = await other.boot(range(100, 100 + MACHINES));
  await comes(2, () => false);
  const said = second.log.lines.filter((line) => /another dhcp service keeps/.test(line)).length;
  const health = await other.health();
  await first.stop('SIGKILL');
  await second.log.until(/dhcp serves/, { seconds: 30 });
  const taken = await other.boot(range(0, MACHINES));
  const same = taken.filter(({ ack }, n) => ack !== undefined && ack === given[n]?.ack).length;
  const answered = refused.filter(({ offer }) => offer !== undefined).length;
  return {
    id: 'state-shared',
    claim:
      'A second dhcp service on one state folder does not serve and says why; it takes over, with all leases, when the first one is gone',
    figure: `${answered} of ${MACHINES} answered by the second, said ${said} ×, health ${health.status}; ${same} of ${MACHINES} keep their address after the first was killed`,
    bound: '0; once; all',
    holds: answered === 0 && said === 1 && health.status === 1 && same === MACHINES,
  };
}
