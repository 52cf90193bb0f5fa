import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leasesOfCopy } from '../../src/leases/lease-copy.ts';
import { formatIpv4 } from '../../src/protocol/ipv4.ts';
import type { Context, Finding } from '../contract.ts';
import { comes, range, Site } from './site.ts';

/** What keeps a disk from being written, and its end. */
export interface Obstacle {
  readonly name: 'full' | 'read-only';
  begin(site: Site): void;
  end(site: Site): void;
}

const BALLAST = 'ballast';

export const FULL: Obstacle = {
  name: 'full',
  begin({ state }) {
    // As much as there is, to the last byte.
    for (const size of [1 << 20, 1 << 16, 1 << 12])
      for (let n = 0; ; n++) {
        try {
          writeFileSync(join(state, `${BALLAST}-${size}-${n}`), Buffer.alloc(size));
        } catch {
          break;
        }
      }
  },
  end({ state }) {
    for (const size of [1 << 20, 1 << 16, 1 << 12])
      for (let n = 0; n < 300; n++) rmSync(join(state, `${BALLAST}-${size}-${n}`), { force: true });
  },
};

/** The kernel has found the file system at fault, and lets nobody write to it; it is repaired and mounted again. */
export const READ_ONLY: Obstacle = {
  name: 'read-only',
  begin: (site) => site.abort(site.state),
  end: (site) => site.repair(site.state),
};

const KNOWN = 8;

/** The disk of STATE_DIR cannot be written while machines boot, and at the next start still; then it can. */
export async function unwritable({ lab, folder }: Context, obstacle: Obstacle): Promise<Finding[]> {
  await using site = await Site.open(lab, folder, { LEASE_COUNT: '60' });
  if (obstacle.name === 'full') site.mount(site.state, '6m');
  else site.mountDisk(site.state, '12M');
  const dhcp = await site.start();
  const first = await site.boot(range(0, KNOWN));
  const known = first.map(({ ack }, number) => [number, ack ?? ''] as const);

  obstacle.begin(site);
  const strangers = await site.boot(range(100, 104));
  // What was in the write-ahead log's last page may still take one; a second round finds none.
  const again = await site.boot(range(104, 108));
  const renewed = await site.boot(range(0, KNOWN));
  const said = dhcp.log.lines.filter((line) =>
    /leases? could not be stored|leases cannot be stored/.test(line),
  );
  const health = await site.health();
  await dhcp.stop('SIGKILL');
  const onDisk = new Set(
    leasesOfCopy(join(site.state, 'leases.sqlite'), undefined).map(({ address }) => formatIpv4(address)),
  );

  const next = await site.start();
  const afterStart = await site.boot(range(0, KNOWN));
  const offered = await site.boot(range(110, 112));
  const healthAtStart = await site.health();
  obstacle.end(site);
  const mended = await comes(15, () =>
    next.log.lines.some((line) => /leases are stored in .* again/.test(line)),
  );
  const booted = await site.boot([...range(0, KNOWN), ...range(100, 108)]);
  const well = await site.health();
  await next.stop('SIGKILL');
  await site.start();
  const last = await site.boot(range(0, KNOWN));

  const acked = [...strangers, ...again].flatMap(({ ack }) => ack ?? []);
  const lacking = acked.filter((address) => !onDisk.has(address)).length;
  const kept = renewed.filter(({ ack }, n) => ack === known[n]?.[1]).length;
  const keptAtStart = afterStart.filter(({ ack }, n) => ack === known[n]?.[1]).length;
  const same = last.filter(({ ack }, n) => ack === known[n]?.[1]).length;
  const offers = [...strangers, ...again, ...offered].filter(({ offer }) => offer !== undefined).length;
  const line =
    said[0]?.replace(/^.*?(\d+ leases|leases cannot)/, '$1').replaceAll(site.folder, '') ?? 'nothing';
  const id = `state-${obstacle.name}`;
  return [
    {
      id: `${id}-acks`,
      claim: `State disk ${obstacle.name}: machines that are not known are offered an address, and none is promised that is not on disk`,
      figure: `${offers} of 10 offered; ${acked.length} of 8 got one${acked.length > 0 ? ', while the last page had room' : ''}, and ${lacking} of them are not on disk`,
      bound: 'all; not all; 0',
      holds: offers === 10 && acked.length < 8 && lacking === 0,
    },
    {
      id: `${id}-known`,
      claim: `State disk ${obstacle.name}: machines that have a lease on disk boot on for what is left of it, also across a restart of the service`,
      figure: `${kept} of ${KNOWN}, ${keptAtStart} of ${KNOWN} after the restart`,
      bound: 'all',
      holds: kept === KNOWN && keptAtStart === KNOWN,
    },
    {
      id: `${id}-said`,
      claim: `State disk ${obstacle.name}: said once, with file and remedy; the health check fails`,
      figure: `“${line}”, ${said.length} ×; health ${health.status} and, after the restart, ${healthAtStart.status}`,
      bound: 'once; 1 and 1',
      holds: said.length === 1 && health.status === 1 && healthAtStart.status === 1,
    },
    {
      id: `${id}-mends`,
      claim: `State disk ${obstacle.name}: mends itself when it can be written again; nobody has lost his address, none has two machines`,
      figure: `${mended ? 'mended' : 'not mended'}, ${booted.filter(({ ack }) => ack).length} of ${booted.length} boot, ${same} of ${KNOWN} keep their address; ${site.doubled.length} doubled; health ${well.status}`,
      bound: 'all; 0',
      holds:
        mended &&
        booted.every(({ ack }) => ack) &&
        same === KNOWN &&
        site.doubled.length === 0 &&
        well.status === 0,
    },
  ];
}
