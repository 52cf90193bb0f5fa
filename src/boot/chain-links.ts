import { architecture, type LoaderArchitecture } from '../protocol/pxe/architecture.ts';
import type { BootChain, FileLink, Link, LinkState, Protocol, Shelf } from './chain.ts';
import type { Exchange, Explanation } from './explanation.ts';
import { chainsGrub } from './grub.ts';
import type { Plan } from './plan.ts';

/** The files between dhcp's answers, put in where the machine would come to them. */
export async function bootChain({ mode, exchanges }: Explanation, shelf: Shelf): Promise<BootChain> {
  const links: Link[] = [];
  for (const stage of ['firmware', 'ipxe'] as const) {
    const own = exchanges.filter((exchange) => exchange.stage === stage);
    for (const exchange of own) links.push({ kind: 'exchange', state: stateOf(exchange), ...exchange });
    const last = own.at(-1);
    if (last?.answer === undefined || last.plan === undefined || links.some(isEnd)) break;
    links.push(...(await filesFor(last.plan, last, shelf)));
    if (links.some(isEnd)) break;
  }
  const end = links.findIndex(isEnd);
  const reached = end < 0 ? links : links.slice(0, end + 1);
  return { mode, ...verdictOf(reached, exchanges), links: reached };
}

const isEnd = ({ state }: Link) => state === 'fail';

function stateOf({ answer, trouble }: Exchange): LinkState {
  return answer === undefined || trouble !== undefined ? 'fail' : 'ok';
}

async function filesFor(plan: Plan, exchange: Exchange, shelf: Shelf): Promise<readonly FileLink[]> {
  const machine = machineOf(exchange);
  switch (plan.kind) {
    case 'loader':
      return loaders(plan.file, 'tftp', machine, shelf);
    case 'http-loader':
      return loaders(decodeURIComponent(new URL(plan.url).pathname.slice(1)), 'http', machine, shelf);
    case 'script':
      return shelf.script('ipxe', plan.url.startsWith('tftp:') ? 'tftp' : 'http', machine);
    case 'raspberry-pi':
    case 'none':
    case 'no-loader':
      return [];
  }
}

async function loaders(
  name: string,
  by: Protocol,
  machine: LoaderArchitecture | undefined,
  shelf: Shelf,
): Promise<readonly FileLink[]> {
  const loader = await shelf.loader(name, by, machine);
  if (loader.state === 'fail' || !chainsGrub(name)) return [loader];
  const second = secondStage(name);
  return [
    loader,
    ...(second ? [await shelf.loader(second, by, machine)] : []),
    ...(await shelf.script('grub', by, machine)),
  ];
}

/** The file that shim loads: its own name with "grub" for "shim". */
function secondStage(name: string): string | undefined {
  return /(^|\/)shim[^/]*$/i.test(name) ? name.replace(/shim([^/]*)$/i, 'grub$1') : undefined;
}

/** What runs there; iPXE on BIOS says 0 as well. */
function machineOf({ architecture: code }: Exchange): LoaderArchitecture | undefined {
  return code === undefined ? undefined : architecture(code).loader;
}

function verdictOf(
  links: readonly Link[],
  exchanges: readonly Exchange[],
): Pick<BootChain, 'state' | 'verdict' | 'remedy'> {
  const failed = links.find(isEnd);
  if (failed) return stopped(failed);
  const last = exchanges.at(-1);
  const files = links.filter((link) => link.kind === 'file');
  const unseen = files.find(({ state }) => state === 'unknown');
  const names = files.filter(({ stage }) => stage === 'kernel' || stage === 'initrd').map(({ name }) => name);
  if (last?.plan?.kind === 'none')
    return { state: 'ok', verdict: 'It gets an address and nothing to boot, as an installed system shall.' };
  if (last?.plan?.kind === 'raspberry-pi')
    return {
      state: 'unknown',
      verdict: 'It is sent here for its own files, which it fetches from images/ or its folder in there.',
      remedy: 'See that images/ has what that board boots: start4.elf, config.txt and a kernel',
    };
  if (names.length > 0) {
    const state = files.some(({ state }) => state === 'warn') ? 'warn' : 'ok';
    return { state: unseen ? 'unknown' : state, verdict: `It would boot ${list(names)}.` };
  }
  return unseen
    ? { state: 'unknown', verdict: `It would go on to ${unseen.url}, which is not seen from here.` }
    : {
        state: 'warn',
        verdict: `It would run ${files.at(-1)?.name ?? 'nothing'}, as somebody has written it.`,
      };
}

function stopped(link: Link): Pick<BootChain, 'state' | 'verdict' | 'remedy'> {
  if (link.kind === 'file') {
    const { name, because, remedy } = link;
    const verdict = `It would not boot: it would stop at ${name}. ${because.at(-1) ?? ''}`.trimEnd();
    return { state: 'fail', verdict, ...(remedy === undefined ? {} : { remedy }) };
  }
  const { trouble = `Its ${link.message} would not be answered.` } = link;
  // A sentence of what is wrong, then what to do.
  const [cause = '', ...rest] = trouble.replace(/\.$/, '').split(/\. (?=[A-Z])/);
  const remedy = rest.length > 0 ? { remedy: rest.join('. ') } : {};
  return { state: 'fail', verdict: `It would not boot. ${cause}.`, ...remedy };
}

function list(names: readonly string[]): string {
  const [first = '', ...rest] = names;
  return rest.length === 0 ? first : `${first} with ${rest.join(', ')}`;
}
