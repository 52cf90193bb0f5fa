import { setTimeout as sleep } from 'node:timers/promises';
import { ENGINE_NEEDS } from '../../test/lab/docker/engine.ts';
import { SERVICES, Stack, succeeded } from '../../test/lab/docker/stack.ts';
import { addGuestSystem } from '../../test/lab/guest-system.ts';
import { Lab } from '../../test/lab/net.ts';
import { requires } from '../../test/lab/requires.ts';
import type { Context, Level, Measurement, Suite } from '../contract.ts';
import { type Memory, memoryOf, sumOf } from '../memory.ts';

/** What Debian's dnsmasq alone would be, for a sense of proportion. */
const PEERS = ['dnsmasq + nginx'] as const;
/** Without internet loaders are tried for again, 62 s after the start for the last time in two minutes: until that is over, and given back. */
const IDLE_SECONDS: Readonly<Record<Level, number>> = { full: 115, quick: 115, smoke: 2 };

interface Turn {
  readonly seconds: number;
  readonly memories: readonly Memory[];
}

/** What the three services take while nobody asks them, and how soon they are there: from the sources, and as `docker compose up` runs them. */
export const footprint: Suite = {
  name: 'footprint',
  async run(context) {
    const needs = requires('root', 'netns', ...ENGINE_NEEDS);
    if ('skip' in needs) context.log(`  compose is left out: it ${needs.skip}`);
    const inContainers = 'skip' in needs ? undefined : await compose(context);
    const fromSource = await source(context);
    return [memory(inContainers?.turns ?? [], fromSource), ...(inContainers ? started(inContainers) : [])];
  },
};

/** All three as processes of one host, and the peers beside them. */
async function source(context: Context): Promise<Readonly<Record<string, Memory>>> {
  const names = ['ours', ...PEERS] as const;
  const players = await context.start(names, { services: ['dhcp', 'tftp', 'http'], boot: true });
  await sleep(IDLE_SECONDS[context.level] * 1000);
  const found = [...players].map(({ name, running }) => {
    return [name === 'ours' ? 'ours from source' : name, sumOf(running.pids.map(memoryOf))] as const;
  });
  await players.stop();
  return Object.fromEntries(found);
}

interface Compose {
  readonly turns: readonly Turn[];
  readonly image: number;
}

async function compose(context: Context): Promise<Compose> {
  const lab = new Lab();
  const stack = new Stack();
  try {
    context.log('  building the image (minutes, the first time)');
    await stack.open(lab.host('docker'));
    addGuestSystem(stack.images);
    await stack.up();
    const turns: Turn[] = [];
    for (let round = 0; round < context.rounds; round++) {
      succeeded(await stack.compose('down'));
      const seconds = await upSeconds(stack);
      // The first shows what is left when all is quiet; waiting for that takes longer than all the rest.
      const settled = round === 0 ? await idle(stack, context) : [];
      turns.push({ seconds, memories: settled });
    }
    return { turns, image: await imageBytes(stack) };
  } finally {
    await stack.close().finally(() => lab.close());
  }
}

/** From `docker compose up` to the end of the probe that found the last of the three healthy. */
async function upSeconds(stack: Stack): Promise<number> {
  const begun = Date.now();
  await stack.up();
  const ends = await Promise.all(
    SERVICES.map(async (service) => {
      const log = JSON.parse(await stack.inspect(service, '{{json .State.Health.Log}}')) as Probe[];
      return Date.parse(log.find(({ ExitCode }) => ExitCode === 0)!.End);
    }),
  );
  return (Math.max(...ends) - begun) / 1000;
}

interface Probe {
  readonly End: string;
  readonly ExitCode: number;
}

async function idle(stack: Stack, { level }: Context): Promise<Memory[]> {
  await sleep(IDLE_SECONDS[level] * 1000);
  const pids = await Promise.all(SERVICES.map((service) => stack.inspect(service, '{{.State.Pid}}')));
  return pids.map((pid) => memoryOf(Number(pid)));
}

async function imageBytes(stack: Stack): Promise<number> {
  const images = JSON.parse(succeeded(await stack.compose('images', '--format', 'json')));
  return (images as { Size: number }[])[0]!.Size;
}

function memory(turns: readonly Turn[], fromSource: Readonly<Record<string, Memory>>): Measurement {
  const sums = turns.filter(({ memories }) => memories.length > 0).map(({ memories }) => sumOf(memories));
  const { memories = [] } = turns.find((turn) => turn.memories.length > 0) ?? {};
  const each = memories.map(
    ({ pss, own, rss }, index) =>
      `${SERVICES[index]}: PSS ${pss.toFixed(0)}, of that its own ${own.toFixed(0)}, RSS ${rss.toFixed(0)} MB`,
  );
  return {
    id: 'idle-memory',
    work: 'Idle memory of the three services together, PSS',
    unit: 'MB',
    better: 'less',
    samples: {
      ours: sums.map(({ pss }) => pss),
      ...Object.fromEntries(Object.entries(fromSource).map(([name, { pss }]) => [name, [pss]])),
    },
    remarks: ['ours is as docker compose up runs it, with default settings', ...each],
  };
}

function started({ turns, image }: Compose): Measurement[] {
  return [
    {
      id: 'healthy',
      work: 'From docker compose up to all three healthy',
      unit: 's',
      better: 'less',
      samples: { ours: turns.map(({ seconds }) => seconds) },
    },
    {
      id: 'image-size',
      work: 'The image, unpacked, with its base',
      unit: 'MB',
      better: 'less',
      samples: { ours: [image / 1e6] },
    },
  ];
}
