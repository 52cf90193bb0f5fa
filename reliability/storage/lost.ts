import { cpSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Context, Finding } from '../contract.ts';
import { comes, range, Site } from './site.ts';

/** What becomes of the state folder under a service that runs. */
const LOSSES: readonly {
  readonly name: string;
  readonly lose: (site: Site) => void;
  readonly isReplaced?: true;
}[] = [
  {
    name: 'its files deleted',
    lose: ({ state }) => {
      for (const name of readdirSync(state)) rmSync(join(state, name), { recursive: true, force: true });
    },
  },
  { name: 'its write-ahead log deleted', lose: ({ state }) => rmSync(join(state, 'leases.sqlite-wal')) },
  {
    name: 'the folder replaced by an empty one',
    isReplaced: true,
    lose({ state }) {
      renameSync(state, `${state}-away`);
      mkdirSync(state);
    },
  },
  {
    name: 'the database replaced by an older copy',
    lose({ state, folder }) {
      renameSync(join(folder, 'older.sqlite'), join(state, 'leases.sqlite'));
    },
  },
  { name: 'the volume unmounted', lose: (site) => site.unmount(site.state) },
];

const MACHINES = 20;

/** The state folder goes away while machines boot; the service is killed at once afterwards, and started again. */
export async function lost(context: Context): Promise<Finding[]> {
  const { level } = context;
  const losses = level === 'full' ? LOSSES : LOSSES.filter((_, n) => n === 0 || n === 4);
  const results = await Promise.all(losses.map((loss) => lose(context, loss)));
  const kept = results.reduce((sum, one) => sum + one.kept, 0);
  const doubled = results.reduce((sum, one) => sum + one.doubled, 0);
  const said = results.filter((one) => one.said).length;
  const names = losses.map(({ name }) => name).join(', ');
  return [
    {
      id: 'state-lost-running',
      claim: `State folder lost under a running service (${names}): found at the next lease, all leases are saved again from memory, and are there after a kill -9`,
      figure: `${kept} of ${MACHINES * losses.length} machines keep their address, ${doubled} addresses doubled; said in ${said} of ${losses.length}`,
      bound: 'all; 0; all',
      holds: kept === MACHINES * losses.length && doubled === 0 && said === losses.length,
    },
  ];
}

async function lose(
  { lab, folder, log }: Context,
  { name, lose: happen, isReplaced }: (typeof LOSSES)[number],
) {
  await using site = await Site.open(lab, folder, { LEASE_COUNT: '120' });
  // What is mounted cannot be renamed.
  if (!isReplaced) site.mount(site.state, '20m');
  const dhcp = await site.start();
  const known = range(0, MACHINES);
  const first = await site.boot(known.slice(0, MACHINES / 2));
  cpSync(join(site.state, 'leases.sqlite'), join(site.folder, 'older.sqlite'));
  first.push(...(await site.boot(known.slice(MACHINES / 2))));
  happen(site);
  await site.boot(range(100, 103));
  // What it does by itself is done within two seconds.
  const said = await comes(10, () =>
    dhcp.log.lines.some((line) => /saved again from memory|lacks|begun anew/.test(line)),
  );
  await comes(2, () => false);
  await dhcp.stop('SIGKILL');
  await site.start();
  // Strangers first: they would be given what is not known to be somebody's.
  await site.boot(range(200, 220));
  const again = await site.boot(known);
  const kept = again.filter(({ ack }, n) => ack !== undefined && ack === first[n]?.ack).length;
  log(`${name}: ${kept} of ${MACHINES} kept, ${site.doubled.length} doubled, ${said ? 'said' : 'not said'}`);
  return { kept, doubled: site.doubled.length, said: said || name === 'its write-ahead log deleted' };
}
