import { filesOf } from '../timeline/loaded.ts';
import { WAITS } from './deadlines.ts';
import { type Signature, signature, suspectUntilOver } from './signature.ts';
import { OPEN } from './telling.ts';
import { planText } from './words.ts';

/** iPXE or GRUB runs, and gets no orders, or cannot follow them. */
export const script: readonly Signature[] = [
  signature({
    code: 'nothing-to-boot',
    stage: 'script',
    certainty: suspectUntilOver,
    matches: (facts) => {
      const { choice } = facts.boot.around;
      const waits = facts.boot.script?.waits && facts.notBeyond('script');
      return waits && choice?.kind === 'http.choice.missing' ? choice : undefined;
    },
    since: (_, { boot }) => boot.script!.at,
    cause: ({ reason }) => `It has fetched the boot script, which tells it to wait: ${reason}`,
    remedy: ({ remedy }) => `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}. It boots by itself then`,
  }),
  signature({
    code: 'script-never-asked',
    stage: 'script',
    certainty: suspectUntilOver,
    matches: (facts) => {
      const { asking, boot, stages } = facts;
      const url = asking && asking.plan?.kind === 'script' ? planText(asking.plan) : undefined;
      const isHere = facts.reached === 'ipxe' || (facts.reached === 'script' && !boot.script);
      if (!url || !isHere || asking!.acks === 0) return undefined;
      return stages.script.state !== 'unknown' && facts.silent(WAITS.script) ? url : undefined;
    },
    cause: (url, { boot }) =>
      `Its iPXE got ${boot.address} and was told to load ${url}, but has not asked for it`,
    remedy: (url) =>
      url.startsWith('tftp:') ? OPEN.tftp : OPEN.http(Number(/:(\d+)\//.exec(url.slice(7))?.[1] ?? 80)),
  }),
  signature({
    code: 'script-then-silence',
    stage: 'kernel',
    certainty: suspectUntilOver,
    matches: (facts) => {
      const { boot, stages } = facts;
      const read = boot.script && !boot.script.waits && facts.reached === 'script' && !boot.system;
      if (!read || stages.script.state === 'running' || stages.kernel.state === 'unknown') return undefined;
      return facts.silent(WAITS.nextFile) ? filesOf(boot, 'script').at(-1) : undefined;
    },
    cause: (file, { boot }) =>
      `It has fetched ${file?.file}${boot.script!.edited ? ', which was edited by hand,' : ''} and asked for nothing after it`,
    remedy: (file, { boot }) =>
      boot.script!.edited
        ? `See what the machine shows on its screen; delete images/${file?.file} to have it generated again`
        : 'See what the machine shows on its screen, where it says what it could not do; Ctrl-C opens the iPXE shell there',
  }),
];
