import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Host } from '../../test/lab/net.ts';
import type { Context, Finding } from '../contract.ts';
import { Prober } from './prober.ts';
import { OTHER, SERVED, Site } from './site.ts';
import { type Counted, Tap } from './tap.ts';

const PROGRAM = fileURLToPath(new URL('./knocker-program.ts', import.meta.url));
const RATE = { short: 1000, full: 5000 } as const;
const ROUNDS = { short: 1, full: 6 } as const;

/** Two adapters, and somebody on each who asks for everything; only one of them is ever answered, whatever happens to the other. */
export async function strangers(context: Context): Promise<Finding[]> {
  const site = new Site(context.lab, `${context.folder}/strangers`);
  site.plug(OTHER);
  site.plug(SERVED);
  const [served, other] = [await Tap.on(site.switch, 'p-lan0'), await Tap.on(site.switch, 'p-lan1')];
  const knocker = (host: Host): ChildProcess =>
    host.spawn(process.execPath, [PROGRAM, 'eth0', String(RATE[context.level])], { stdio: 'ignore' });
  const knockers = [knocker(site.outside), knocker(site.inside)];
  const prober = new Prober(site.inside);
  try {
    site.begin({ ROUTER_ADVERTISEMENTS: 'on', LOG_LEVEL: 'error', LEASE_COUNT: '240' });
    let boots = 0;
    const served1 = async (isSo?: (boot: { server: string }) => boolean) => {
      if (await prober.booted(Date.now(), isSo, 30)) boots += 1;
    };
    await served1();
    const events = EVENTS.flatMap((event) => Array<typeof event>(ROUNDS[context.level]).fill(event));
    for (const event of events) {
      await event(site);
      await served1(({ server }) => server === SERVED.server);
      await sleep(300);
    }
    const [here, there] = [await served.counted(), await other.counted()];
    // Renamed, the other adapter is the served one: its own network is answered, and only that.
    const floods = knockers.every(({ exitCode }) => exitCode === null);
    context.log(`served: ${told(here)}; other: ${told(there)}`);
    return [
      {
        id: 'other-adapter',
        claim: `Answers on the adapter that is not served (start, ${events.length} × made anew, down, renamed; floods on both)`,
        figure: `${answers(there)} of ${there.frames} frames; ${answers(here)} answers on the served one, ${boots} of ${events.length + 1} times machines booted`,
        bound: '0',
        holds:
          answers(there) === 0 &&
          there.frames > 0 &&
          here.advertisements > 0 &&
          floods &&
          boots === events.length + 1,
      },
      await takenOver(site, prober, other, there),
    ];
  } finally {
    for (const one of knockers) one.kill('SIGKILL');
    prober.stop();
    await site.stop();
  }
}

/** The other adapter is given the served one's name: so it is served, by its own subnet. */
async function takenOver(site: Site, prober: Prober, other: Tap, before: Counted): Promise<Finding> {
  const { server } = site;
  const since = prober.boots.length;
  site.unplug(SERVED);
  server.ip('link', 'set', OTHER.adapter, 'down');
  server.ip('link', 'set', OTHER.adapter, 'name', SERVED.adapter);
  server.ip('link', 'set', SERVED.adapter, 'up');
  const renamed = new Prober(site.outside, 'eth0', '52:54:0a:00:00:02');
  try {
    const boot = await renamed.booted(Date.now(), undefined, 20);
    const wrong = renamed.boots.filter(
      (one) => !one.address.startsWith('10.77.2.') || one.server !== OTHER.server,
    );
    const after = await other.counted();
    const late = prober.boots.slice(since).length;
    return {
      id: 'renamed-other',
      claim:
        'The other adapter, renamed to ADAPTER, is served with its own subnet and no address of the first one’s',
      figure: boot
        ? `${boot.address} from ${boot.server}; ${wrong.length} wrong of ${renamed.boots.length}; ${answers(after) - answers(before)} answers there now`
        : 'not served',
      bound: '0 wrong',
      holds: boot !== undefined && wrong.length === 0 && late <= 1 && answers(after) > answers(before),
    };
  } finally {
    renamed.stop();
  }
}

const answers = ({ udp, tcp, advertisements }: Counted) => udp + tcp + advertisements;
const told = (counted: Counted) => JSON.stringify(counted);

const EVENTS: readonly ((site: Site) => Promise<void>)[] = [
  async (site) => {
    site.unplug(SERVED);
    await sleep(300);
    site.plug(SERVED);
  },
  async ({ server }) => {
    server.ip('link', 'set', SERVED.adapter, 'down');
    await sleep(1300);
    server.ip('link', 'set', SERVED.adapter, 'up');
  },
  async ({ server }) => {
    server.ip('link', 'set', SERVED.adapter, 'down', 'name', 'away0', 'up');
    await sleep(1300);
    server.ip('link', 'set', 'away0', 'down', 'name', SERVED.adapter, 'up');
  },
  // Its address moves to the other adapter, and back: packets to it arrive there.
  async ({ server }) => {
    server.ip('addr', 'del', `${SERVED.server}/24`, 'dev', SERVED.adapter);
    server.address(OTHER.adapter, `${SERVED.server}/32`);
    await sleep(1500);
    server.ip('addr', 'del', `${SERVED.server}/32`, 'dev', OTHER.adapter);
    server.address(SERVED.adapter, `${SERVED.server}/24`);
  },
];
