import type { Context, Measurement, Player, Players, Suite } from '../contract.ts';
import { SERVER } from '../field.ts';
import type { Result, Wanted } from '../load/http.ts';
import { interleave, pick } from '../rounds.ts';

const MEBIBYTE = 1 << 20;
const PORT = 80;
/** As long as a boot script. */
const SCRIPT_BYTES = 600;
const CONNECTIONS = 64;

interface Work {
  readonly id: string;
  readonly work: string;
  readonly file: string;
  readonly mebibytes: number;
  readonly clients: number;
  readonly downloads: number;
}

const LARGE = { file: 'initrd.img', mebibytes: 256 };
const KERNEL = { file: 'vmlinuz', mebibytes: 10 };

const FILES: readonly Work[] = [
  { id: 'http-256m-c1', work: 'HTTP 256 MiB, one client', ...LARGE, clients: 1, downloads: 8 },
  { id: 'http-256m-c64', work: 'HTTP 256 MiB, 64 clients', ...LARGE, clients: 64, downloads: 1 },
  { id: 'http-10m-c64', work: 'HTTP 10 MiB kernel, 64 clients', ...KERNEL, clients: 64, downloads: 16 },
];

/** Large files by the load program of this project's own, scripts by wrk. */
export const http: Suite = {
  name: 'http',
  async run(context) {
    for (const { file, mebibytes } of [LARGE, KERNEL]) context.images.file(file, mebibytes * MEBIBYTE);
    const players = await context.start(['ours', 'nginx'], { services: ['http'] });
    const measured: Measurement[] = [];
    for (const work of FILES) measured.push(...(await files(context, players, work)));
    measured.push(await scripts(context, players));
    await players.stop();
    return measured;
  },
};

async function files(context: Context, players: Players, work: Work): Promise<Measurement[]> {
  context.log(work.work);
  const downloads = context.level === 'full' ? work.downloads : Math.ceil(work.downloads / 4);
  const clients = context.level === 'smoke' ? Math.min(work.clients, 4) : work.clients;
  const fetch = async ({ field }: Player, compare: Wanted['compare'], times: number) => {
    const order: Wanted = {
      host: SERVER,
      port: PORT,
      path: `/${work.file}`,
      bytes: work.mebibytes * MEBIBYTE,
      clients,
      downloads: times,
      connections: 'kept',
      compare,
    };
    const result = await field.load<Result>('http', order);
    if (result.wrong.length > 0) throw new Error(result.wrong.join('; '));
    return result;
  };
  // The turn that does not count is the one in which every byte is compared.
  const unequal: string[] = [];
  const runs = await interleave(
    players,
    context.rounds,
    (player) => fetch(player, 'ends', downloads),
    (player) =>
      fetch(player, 'whole', 1).catch((error: Error) => {
        unequal.push(`${player.name}: ${error.message.split('\n')[0]}`);
      }),
  );
  const { remarks } = runs;
  const wrong = [...runs.wrong, ...unequal];
  const pace: Measurement = {
    id: work.id,
    work: work.work,
    unit: 'MB/s',
    better: 'more',
    samples: pick(runs, ({ bytesPerSecond }) => bytesPerSecond / 1e6),
    remarks,
    wrong,
  };
  if (work.clients === 1) return [pace];
  const fairness: Measurement = {
    id: `${work.id}-slowest`,
    work: `${work.work}: slowest download against the median`,
    unit: '×',
    better: 'less',
    samples: pick(runs, ({ slowest, median }) => slowest / median),
  };
  return [pace, fairness];
}

/** The boot script of ours; nginx serves a file as long. */
async function scripts(context: Context, players: Players): Promise<Measurement> {
  const file = 'script-as-long.ipxe';
  context.images.text(file, '#!ipxe\n'.padEnd(SCRIPT_BYTES, '#'));
  const seconds = { full: 5, quick: 2, smoke: 1 }[context.level];
  const ask = ({ name, field }: Player, time: number) => {
    const path = name === 'ours' ? '/infrakit.ipxe' : `/${file}`;
    const args = ['-t1', `-c${CONNECTIONS}`, `-d${time}s`, `http://${SERVER}${path}`];
    return field.run('wrk', args, 60, requestsPerSecond);
  };
  context.log(`HTTP boot script, ${CONNECTIONS} connections`);
  const runs = await interleave(
    players,
    context.rounds,
    (player) => ask(player, seconds),
    (player) => ask(player, 1),
  );
  return {
    id: 'http-script-c64',
    work: `HTTP boot script, ${CONNECTIONS} connections`,
    unit: 'requests/s',
    better: 'more',
    samples: pick(runs, (rate) => rate),
    remarks: runs.remarks,
    wrong: runs.wrong,
  };
}

/** @throws Error where anything but 2xx was answered, or a socket failed. */
function requestsPerSecond(output: string): number {
  const rate = /^Requests\/sec: +([\d.]+)/m.exec(output)?.[1];
  const failure = /^ *(Non-2xx.*|Socket errors:.*)$/m.exec(output)?.[1];
  if (rate === undefined || failure !== undefined) throw new Error(failure ?? output);
  return Number(rate);
}
