import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../test/lab/net.ts';
import type { Context, Finding } from '../contract.ts';
import { Prober } from './prober.ts';
import { SERVED, SERVICES, Site } from './site.ts';

const WITHIN = { short: 10_000, full: 4000 } as const;
const STEP_MS = 1500;
/** Of all three services, in the minute that it takes. */
const MOST_LINES = 30;

/** Services that are there before their adapter, one that flaps, one that goes during transfers, and the own bridge. */
export async function starts(context: Context): Promise<Finding[]> {
  return [
    await hostReboot(context),
    await flapping(context),
    await midTransfer(context),
    await ownBridge(context),
  ];
}

/** As after a reboot: containers, then the adapter, its address, and last the carrier. */
async function hostReboot(context: Context): Promise<Finding> {
  const site = new Site(context.lab, `${context.folder}/reboot`);
  const prober = new Prober(site.inside);
  try {
    await prober.ready();
    site.begin();
    for (const name of SERVICES) await site.log(name).until(/is not on this host; waiting/, { seconds: 30 });
    site.plug(SERVED, null);
    site.switch.ip('link', 'set', 'p-lan0', 'down');
    for (const name of SERVICES) await site.log(name).until(/has no IPv4 address; waiting/, { seconds: 10 });
    site.server.address(SERVED.adapter, `${SERVED.server}/24`);
    for (const name of SERVICES) await site.log(name).until(/has no carrier/, { seconds: 20 });
    await sleep(STEP_MS);
    site.switch.ip('link', 'set', 'p-lan0', 'up');
    const since = Date.now();
    const boot = await prober.booted(since);
    const obstacles = [/is not on this host/, /has no IPv4 address/, /has no carrier/];
    const told = SERVICES.flatMap((name) =>
      obstacles.map((one) => site.log(name).lines.filter((line) => one.test(line)).length),
    );
    return {
      id: 'reboot-order',
      claim:
        'Services that were started first serve when adapter, address and carrier have come, one after the other',
      figure: `${boot ? seconds(boot.ended - since) : 'never'} after the carrier; each obstacle said ${Math.max(...told)} × by each service`,
      bound: `≤ ${WITHIN[context.level] / 1000} s; once`,
      holds:
        boot !== undefined &&
        boot.ended - since <= WITHIN[context.level] &&
        told.every((times) => times === 1),
    };
  } finally {
    prober.stop();
    await site.stop();
  }
}

/** A loose cable, then an adapter that comes and goes. */
async function flapping(context: Context): Promise<Finding> {
  const site = new Site(context.lab, `${context.folder}/flapping`);
  site.plug(SERVED);
  await site.start();
  const prober = new Prober(site.inside);
  try {
    await prober.booted(Date.now(), undefined, 30);
    const from = SERVICES.map((name) => site.log(name).length);
    for (let times = 0; times < 50; times++) {
      site.server.ip('link', 'set', SERVED.adapter, 'down');
      site.server.ip('link', 'set', SERVED.adapter, 'up');
    }
    const slow = context.level === 'full' ? 20 : 5;
    for (let times = 0; times < slow; times++) {
      site.server.ip('link', 'set', SERVED.adapter, 'down');
      await sleep(500);
      site.server.ip('link', 'set', SERVED.adapter, 'up');
      await sleep(500);
    }
    const since = Date.now();
    const boot = await prober.booted(since);
    await sleep(STEP_MS);
    const healthy = (await Promise.all([site.problems('dhcp'), site.problems('tftp')])).flat().length === 0;
    const lines = SERVICES.map((name, n) =>
      site
        .log(name)
        .lines.slice(from[n])
        .filter((line) => /lan0/.test(line)),
    );
    const count = lines.flat().length;
    return {
      id: 'flapping',
      claim: `Served again after 50 × down and up at once, then ${slow} × half a second each`,
      figure: `${boot ? seconds(boot.ended - since) : 'never'}; ${count} lines of all three services on it; health ${healthy ? 'well' : 'not well'} again`,
      bound: `≤ ${WITHIN[context.level] / 1000} s; ≤ ${MOST_LINES} lines`,
      holds:
        boot !== undefined && boot.ended - since <= WITHIN[context.level] && count <= MOST_LINES && healthy,
    };
  } finally {
    prober.stop();
    await site.stop();
  }
}

/** The adapter is taken away while files are on their way. */
async function midTransfer(context: Context): Promise<Finding> {
  const folder = `${context.folder}/transfer`;
  const site = new Site(context.lab, folder);
  const content = Buffer.alloc(24 << 20);
  for (let at = 0; at < content.length; at += 4) content.writeUInt32LE(Math.imul(at, 2654435761) >>> 0, at);
  writeFileSync(join(folder, 'images', 'big.bin'), content);
  const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  site.plug(SERVED);
  await site.start();
  const prober = new Prober(site.inside);
  try {
    await prober.booted(Date.now(), undefined, 30);
    const before = await site.held();
    const load = async (url: string, to: string, ...also: string[]) => {
      const file = join(folder, to);
      const args = ['-sS', '--max-time', '12', '-o', file, ...also, url];
      const { status } = await site.inside.run('curl', args, 20);
      if (status !== 0) return 'ended';
      return existsSync(file) && hash(readFileSync(file)) === hash(content) ? 'whole' : 'WRONG';
    };
    const loads = Promise.all([
      load(`http://${SERVED.server}/big.bin`, 'http', '--limit-rate', '12M'),
      load(`tftp://${SERVED.server}/big.bin`, 'tftp'),
    ]);
    await sleep(700);
    site.unplug(SERVED);
    await sleep(STEP_MS);
    site.plug(SERVED);
    const since = Date.now();
    const boot = await prober.booted(since);
    const [http, tftp] = await loads;
    const after = await site.held();
    const more = Math.max(...SERVICES.map((name) => after[name].descriptors - before[name].descriptors));
    return {
      id: 'mid-transfer',
      claim:
        'Adapter deleted and made anew during transfers: what was loaded is right or the transfer ended, and nothing of it is kept',
      figure: `HTTP ${http}, TFTP ${tftp}; next machine after ${boot ? seconds(boot.ended - since) : '–'}; ${more} descriptors more at most`,
      bound: 'none wrong; ≤ 2 descriptors',
      holds: http !== 'WRONG' && tftp !== 'WRONG' && boot !== undefined && more <= 2,
    };
  } finally {
    prober.stop();
    await site.stop();
  }
}

/** Somebody deletes remoteboot0; whoever plugs machines in does so again when it is back. */
async function ownBridge(context: Context): Promise<Finding> {
  const site = new Site(context.lab, `${context.folder}/bridge0`);
  const { server } = site;
  const rounds = context.level === 'full' ? 6 : 1;
  await site.start({ ADAPTER: '' });
  connect(
    { host: server, adapter: 'vm0', bridge: 'remoteboot0' },
    { host: site.switch, adapter: 'p-vm0', bridge: 'br1' },
  );
  const prober = new Prober(site.inside);
  const took: number[] = [];
  try {
    let booted = (await prober.booted(Date.now(), undefined, 30)) !== undefined;
    for (let round = 0; round < rounds && booted; round++) {
      await sleep(Math.random() * 1000);
      server.ip('link', 'del', 'remoteboot0');
      const since = Date.now();
      while ((await server.run('ip', ['link', 'set', 'vm0', 'master', 'remoteboot0'])).status !== 0)
        await sleep(20);
      const boot = await prober.booted(since);
      booted = boot !== undefined;
      if (boot) took.push(boot.ended - since);
    }
    return {
      id: 'own-bridge',
      claim: 'The own bridge, deleted by somebody, is made anew and served',
      figure: `${took.length} of ${rounds} times; worst ${seconds(Math.max(...took))}`,
      bound: `all; ≤ ${WITHIN[context.level] / 1000} s`,
      holds: took.length === rounds && Math.max(...took) <= WITHIN[context.level],
    };
  } finally {
    prober.stop();
    await site.stop();
  }
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;
