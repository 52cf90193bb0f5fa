import type { Context, Level, Measurement, Player, Suite } from '../contract.ts';
import { CLIENT, CLIENT_ADAPTER, SERVER } from '../field.ts';
import type { Result, Wanted } from '../load/dhcp.ts';
import { interleave, pick, type Runs } from '../rounds.ts';

/** As many as ours can be set to give: no run may use them up. */
const POOL = { start: '10.16.0.0', count: 1 << 20 };
const IN_FLIGHT = 256;
/** Few, since one of the peers takes seconds to give a thousand addresses. */
const RENEWING = 1000;
const WARM_UP_S = 1;
const SECONDS: Readonly<Record<Level, number>> = { full: 3, quick: 1.5, smoke: 0.5 };
/** perfdhcp itself comes to some 12,000 on one core. */
const PERFDHCP_RATE = 8000;
const ALL_BUT_ALL = 0.9;
/** More than one run can reach; the last ones renew. */
const MACHINES_A_RUN = 1 << 20;
const RENEWING_FROM = 15 * MACHINES_A_RUN;

/** Machines that get addresses and keep them; they ask through a relay, as perfdhcp's do. */
export const dhcp: Suite = {
  name: 'dhcp',
  async run(context) {
    const players = await context.start(['ours', 'kea', 'dnsmasq'], { services: ['dhcp'], pool: POOL });
    return [
      ...(await renewals(context, players)),
      ...(await exchanges(context, players)),
      await perfdhcp(
        context,
        [...players].filter(({ name }) => name !== 'dnsmasq'),
      ),
    ];
  },
};

function load({ field }: Player, own: Pick<Wanted, 'mode' | 'firstMachine' | 'seconds'>): Promise<Result> {
  const order: Wanted = {
    adapter: CLIENT_ADAPTER,
    address: CLIENT,
    server: SERVER,
    inFlight: IN_FLIGHT,
    warmUp: WARM_UP_S,
    machines: RENEWING,
    ...own,
  };
  return field.load<Result>('dhcp', order);
}

async function exchanges(context: Context, players: Iterable<Player>): Promise<Measurement[]> {
  const work = `DHCP exchanges of new machines, durable, ${IN_FLIGHT} in flight`;
  context.log(`  ${work}`);
  const seconds = SECONDS[context.level];
  const runs = await interleave(players, context.rounds, (player, round) =>
    load(player, { mode: 'new', firstMachine: round * MACHINES_A_RUN, seconds }),
  );
  return measurements('dhcp', 'dhcp-exchanges', work, runs);
}

async function renewals(context: Context, players: Iterable<Player>): Promise<Measurement[]> {
  const work = `DHCP renewals, durable, ${IN_FLIGHT} in flight`;
  context.log(`  ${work}`);
  const seconds = SECONDS[context.level];
  const runs = await interleave(players, context.rounds, (player) =>
    load(player, { mode: 'renew', firstMachine: RENEWING_FROM, seconds }),
  );
  return measurements('dhcp-renewals', 'dhcp-renewals', work, runs);
}

function measurements(prefix: string, id: string, work: string, runs: Runs<Result>): Measurement[] {
  const remarks = [...runs.remarks, ...busy(runs)];
  const number = (id: string, what: string, unit: string, of: (result: Result) => number): Measurement => ({
    id,
    work: what,
    unit,
    better: 'less',
    samples: pick(runs, of),
  });
  return [
    {
      id,
      work,
      unit: 'exchanges/s',
      better: 'more',
      samples: pick(runs, ({ perSecond }) => perSecond),
      remarks,
      wrong: [...runs.wrong, ...faults(runs)],
    },
    number(`${prefix}-p50`, `${work}: half of them took less`, 'ms', ({ p50ms }) => p50ms),
    number(`${prefix}-p99`, `${work}: all but one in a hundred took less`, 'ms', ({ p99ms }) => p99ms),
    number(`${prefix}-drops`, `${work}: no answer within a second`, 'exchanges', ({ drops }) => drops),
  ];
}

/** Where the load was the limit, a server is faster than it says. */
function busy({ results }: Runs<Result>): string[] {
  return Object.entries(results).flatMap(([name, runs]) => {
    const most = Math.max(...runs.map((result) => result?.loadBusy ?? 0));
    return most > ALL_BUT_ALL ? [`${name}: the load took ${Math.round(most * 100)} % of its processor`] : [];
  });
}

/** What no server may do; where ours does it the bench fails. */
function faults({ results }: Runs<Result>): string[] {
  const ours = (results.ours ?? []).filter((result) => result !== null);
  const sum = (of: (result: Result) => number) => ours.reduce((total, result) => total + of(result), 0);
  const counts = [
    [sum(({ drops }) => drops), 'exchanges of ours were dropped'],
    [sum(({ duplicates }) => duplicates), 'addresses were given to two machines'],
    [sum(({ wrong }) => wrong), 'answers did not fit what was asked'],
  ] as const;
  return counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
}

/** Another load than the bench's own, for the same exchange, at a rate that both servers can take. */
async function perfdhcp(context: Context, players: readonly Player[]): Promise<Measurement> {
  const work = `DHCP exchanges completed, ${PERFDHCP_RATE} a second begun by perfdhcp`;
  context.log(`  ${work}`);
  const period = context.level === 'full' ? 4 : 1;
  const runs = await interleave(players, context.rounds, ({ field }, round) => {
    const clients = [`-b`, `mac=0a:${round.toString(16).padStart(2, '0')}:00:00:00:00`, '-R', '1000000'];
    const pace = ['-r', String(PERFDHCP_RATE), '-p', String(period), '-W', '500000'];
    const args = ['-4', '-l', CLIENT_ADAPTER, ...clients, ...pace, SERVER];
    return field.run('perfdhcp', args, 60, rate);
  });
  return {
    id: 'dhcp-perfdhcp',
    work,
    unit: 'exchanges/s',
    better: 'more',
    samples: pick(runs, (completed) => completed),
    remarks: runs.remarks,
    wrong: runs.wrong,
  };
}

/** Its exit status is 3 where some exchanges were not completed. @throws Error where it says no rate. */
function rate(output: string): number {
  const found = /^Rate: ([\d.]+) 4-way exchanges\/second/m.exec(output)?.[1];
  if (found === undefined) throw new Error('perfdhcp gave no rate');
  return Number(found);
}
