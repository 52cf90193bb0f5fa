import type { Context, Level, Measurement, Player, Players, Suite } from '../contract.ts';
import { SERVER } from '../field.ts';
import type { TftpLoad, TftpLoadResult } from '../load/tftp.ts';
import { interleave, pick } from '../rounds.ts';

const MEBIBYTE = 1 << 20;
const SMALL = { file: 'loader.bin', mebibytes: 1 };
const LARGE = { file: 'initrd-64m.img', mebibytes: 64 };
/** What fits into a frame of Ethernet, as firmware asks for. */
const BLKSIZE = 1468;
const LOSS = 0.01;
const MS_PER_BLOCK = 500;

interface Work {
  readonly id: string;
  readonly file: typeof SMALL;
  readonly windowsize: number;
  readonly clients: number;
  readonly loss?: number;
}

/** Those with losses last: what they leave behind is in nobody's way. */
const WORKS: readonly Work[] = [
  { id: 'tftp-w1-c1', file: SMALL, windowsize: 1, clients: 1 },
  { id: 'tftp-w1-c16', file: SMALL, windowsize: 1, clients: 16 },
  { id: 'tftp-w1-c128', file: SMALL, windowsize: 1, clients: 128 },
  { id: 'tftp-w4-c16', file: LARGE, windowsize: 4, clients: 16 },
  { id: 'tftp-w16-c1', file: SMALL, windowsize: 16, clients: 1 },
  { id: 'tftp-w16-c16', file: SMALL, windowsize: 16, clients: 16 },
  { id: 'tftp-w16-c128', file: SMALL, windowsize: 16, clients: 128 },
  { id: 'tftp-loss-w1', file: LARGE, windowsize: 1, clients: 16, loss: LOSS },
  { id: 'tftp-loss-w16', file: LARGE, windowsize: 16, clients: 16, loss: LOSS },
];

/** One of each kind. */
const QUICK = new Set(['tftp-w1-c1', 'tftp-w1-c16', 'tftp-w4-c16', 'tftp-w16-c16', 'tftp-loss-w16']);

/** One run; with losses, where the peers wait for seconds, it takes longer. */
const SECONDS: Readonly<Record<Level, { plain: number; loss: number; slow: number }>> = {
  full: { plain: 1.5, loss: 4, slow: 9 },
  quick: { plain: 0.4, loss: 1.2, slow: 3 },
  smoke: { plain: 0.2, loss: 0.4, slow: 1.2 },
};
const MOST_ROUNDS: Readonly<Record<Level, number>> = { full: 5, quick: 1, smoke: 1 };

/**
 * Machines that load a file over and over for a while, every byte compared. dnsmasq 2.90 and tftpd-hpa know no windows: they take part with
 * what they agree to, which is one block at a time.
 *
 * Losses are the load's own doing, on either way and of single datagrams: a rule of the packet filter would see a whole window as one
 * packet, as long as the kernel has not cut it (UDP_SEGMENT).
 */
export const tftp: Suite = {
  name: 'tftp',
  async run(context) {
    for (const { file, mebibytes } of [SMALL, LARGE]) context.images.file(file, mebibytes * MEBIBYTE);
    const players = await context.start(['ours', 'dnsmasq', 'tftpd-hpa', 'atftpd'], { services: ['tftp'] });
    const measured: Measurement[] = [];
    const works = WORKS.filter(({ id }) => context.level !== 'quick' || QUICK.has(id));
    for (const work of works) measured.push(await throughput(context, players, work));
    measured.push(await needlessResends(context, players));
    return measured;
  },
};

async function throughput(context: Context, players: Players, work: Work): Promise<Measurement> {
  const { file, windowsize, clients, loss = 0 } = work;
  const [machines, lossy] = [
    clients === 1 ? 'one client' : `${clients} clients`,
    loss > 0 ? ', 1 % loss' : '',
  ];
  const title = `TFTP window ${windowsize}, ${machines}, ${file.mebibytes} MiB${lossy}`;
  context.log(`  ${title}`);
  const seconds = SECONDS[context.level][loss > 0 ? 'loss' : 'plain'];
  const rounds = Math.min(context.rounds, MOST_ROUNDS[context.level]);
  const order = { ...file, windowsize, clients, loss };
  const runs = await interleave(
    players,
    rounds,
    (player, round) => load(context, player, { ...order, seconds, seed: round + 1 }),
    (player) => load(context, player, { ...order, seconds: loss > 0 ? 0 : seconds / 2 }),
  );
  return {
    id: work.id,
    work: title,
    unit: 'MB/s',
    better: 'more',
    samples: pick(runs, ({ bytes, seconds: taken }) => bytes / taken / 1e6),
    remarks: runs.remarks,
    wrong: runs.wrong,
  };
}

/** Of all servers at the same time: hardly anything happens. */
async function needlessResends(context: Context, players: Players): Promise<Measurement> {
  const work = `TFTP blocks sent again to machines that take ${MS_PER_BLOCK} ms a block, nothing lost (windows 1 and 4)`;
  context.log(`  ${work}`);
  const samples: Record<string, readonly number[]> = {};
  const seconds = SECONDS[context.level].slow;
  const resends = async (player: Player) => {
    let repeated = 0;
    for (const windowsize of [1, 4]) {
      const order = { ...SMALL, windowsize, clients: 16, seconds, msPerBlock: MS_PER_BLOCK };
      // A machine that is busy with its flash does not complain meanwhile.
      repeated += (await load(context, player, { ...order, patienceMs: 60_000 })).repeated;
    }
    samples[player.name] = [repeated];
  };
  await Promise.all([...players].map(resends));
  return { id: 'tftp-needless-resends', work, unit: 'blocks', better: 'less', samples };
}

/** @throws Error where bytes were wrong, or a file did not come. */
async function load(
  context: Context,
  { field }: Player,
  order: Omit<TftpLoad, 'server' | 'original' | 'blksize'> & { mebibytes: number },
): Promise<TftpLoadResult> {
  const original = context.images.file(order.file, order.mebibytes * MEBIBYTE);
  const result = await field.load<TftpLoadResult>('tftp', {
    ...order,
    server: SERVER,
    original,
    blksize: BLKSIZE,
  });
  if (result.corrupt > 0) throw new Error(`${result.corrupt} blocks differ from the file`);
  if (result.failed.length > 0) throw new Error(`${result.failed.length} loads failed: ${result.failed[0]}`);
  return result;
}
