import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context, Finding } from '../contract.ts';
import { sha256 } from './loaders.ts';
import type { How } from './loads.ts';
import { SERVER, Site, serving } from './site.ts';
import { Slow, type SlowEnd } from './slow.ts';
import { unanswered } from './unanswered.ts';

const WAYS = ['tftp', 'http'] as const satisfies How[];
/** Files that take a machine a second or two, and half a minute. */
const FILES = {
  tftp: { soon: { bytes: 2 << 20, pause: 7 }, late: { bytes: 12 << 20, pause: 25 } },
  http: { soon: { bytes: 24 << 20, pause: 3 }, late: { bytes: 48 << 20, pause: 40 } },
} as const;
const MACHINES = { full: 20, short: 8 } as const;
const ASK_MEANWHILE = 5;
/** stop_grace_period of compose.yaml. */
const GRACE_S = 5;
const AT_ONCE_S = 1;

interface Stopped {
  readonly ends: readonly SlowEnd[];
  readonly late: readonly SlowEnd[];
  /** Until the process was gone. */
  readonly seconds: number;
  readonly status: number | string;
}

/** What SIGTERM does to machines that are loading, and to those that ask meanwhile. */
export async function stopped(
  { lab, folder, level, log }: Context,
  random: () => number,
): Promise<Finding[]> {
  const home = join(folder, 'stopped');
  mkdirSync(home);
  const site = new Site(lab, home);
  const machines = MACHINES[level];
  const sums = new Map<string, string>();
  for (const how of WAYS)
    for (const [name, { bytes }] of Object.entries(FILES[how])) {
      const content = Buffer.alloc(bytes, `some ${name} file for ${how}; `);
      sums.set(`${how}-${name}`, sha256(content));
      writeFileSync(join(site.images, `${how}-${name}`), content);
    }

  async function stop(how: How, which: 'soon' | 'late', signals: number): Promise<Stopped> {
    const service = site.begin(how);
    await serving(how, service);
    const plan = { how, file: `${how}-${which}`, pause: FILES[how][which].pause };
    const slow = new Slow(site.machines, SERVER, { ...plan, machines });
    await slow.begun();
    const begun = performance.now();
    const ended = service.stop('SIGTERM');
    for (let more = 1; more < signals; more++) {
      await service.log.until(/begins nothing new/);
      process.kill(service.pid, 'SIGTERM');
    }
    const asking = which === 'soon' ? ASK_MEANWHILE : 0;
    const later = asking > 0 && new Slow(site.machines, SERVER, { ...plan, pause: 0, machines: asking });
    const { ended: status } = await ended;
    const seconds = (performance.now() - begun) / 1000;
    if (later) await serving(how, site.begin(how));
    const late = later ? await later.ends() : [];
    await site.service(how).stop('SIGKILL');
    return { ends: await slow.ends(), late, seconds, status };
  }

  const whole = (how: How, { ends, late }: Stopped, which: 'ends' | 'late') =>
    (which === 'ends' ? ends : late).filter(
      (end) => end.how === 'whole' && end.sha256 === sums.get(`${how}-soon`),
    ).length;
  try {
    const finish = { tftp: await stop('tftp', 'soon', 1), http: await stop('http', 'soon', 1) };
    log('transfers have finished');
    const cut = { tftp: await stop('tftp', 'late', 1), http: await stop('http', 'late', 1) };
    log('transfers have been cut');
    const twice = { tftp: await stop('tftp', 'late', 2), http: await stop('http', 'late', 2) };
    const told = {
      tftp: cut.tftp.ends.filter(({ how, text }) => how === 'refused' && text.includes('shutting down'))
        .length,
      http: cut.http.ends.filter(({ how }) => how === 'cut').length,
    };
    const seconds = (all: Record<How, Stopped>) =>
      `${all.tftp.seconds.toFixed(1)} s and ${all.http.seconds.toFixed(1)} s`;
    const within = (all: Record<How, Stopped>, limit: number) =>
      WAYS.every((how) => all[how].seconds <= limit && all[how].status === 0);
    const sites = level === 'full' ? 20 : 4;
    const acks = await unanswered(site, sites, random);
    return [
      {
        id: 'stop-finish',
        claim: 'Transfers of one or two seconds under way at SIGTERM that come to their end',
        figure:
          `TFTP ${whole('tftp', finish.tftp, 'ends')} of ${machines}, HTTP ${whole('http', finish.http, 'ends')} of ${machines}; ` +
          `the processes ended after ${seconds(finish)}`,
        bound: 'all',
        holds: WAYS.every((how) => whole(how, finish[how], 'ends') === machines) && within(finish, GRACE_S),
      },
      {
        id: 'stop-late',
        claim:
          'Machines that ask for a file meanwhile, as firmware (TFTP) and iPXE (HTTP, 503 with Retry-After) do, served by the next process',
        figure: `TFTP ${whole('tftp', finish.tftp, 'late')} of ${ASK_MEANWHILE}, HTTP ${whole('http', finish.http, 'late')} of ${ASK_MEANWHILE}`,
        bound: 'all',
        holds: WAYS.every((how) => whole(how, finish[how], 'late') === ASK_MEANWHILE),
      },
      {
        id: 'stop-cut',
        claim:
          'Transfers that take longer than the grace time: ended so that the machine knows, by a TFTP ERROR or short of the Content-Length',
        figure: `TFTP ${told.tftp} of ${machines}, HTTP ${told.http} of ${machines}; the processes ended after ${seconds(cut)}`,
        bound: `all, ≤ ${GRACE_S} s`,
        holds: told.tftp === machines && told.http === machines && within(cut, GRACE_S),
      },
      {
        id: 'stop-twice',
        claim: 'A second SIGTERM ends tftp and http at once',
        figure: `after ${seconds(twice)}`,
        bound: `≤ ${AT_ONCE_S} s`,
        holds: within(twice, AT_ONCE_S),
      },
      acks,
    ];
  } finally {
    await site.end();
    rmSync(home, { recursive: true, force: true });
  }
}
