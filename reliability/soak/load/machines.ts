import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../../test/fuzz/random.ts';
import type { Addresses } from '../../../test/lab/fleet/addresses.ts';
import type { DhcpPort } from '../../../test/lab/fleet/dhcp-client.ts';
import { macOf } from '../../../test/lab/fleet/fleet.ts';
import { Machine } from '../../../test/lab/fleet/machine.ts';
import type { Fault, Kind, MachinePlan, Told } from '../../../test/lab/fleet/plan.ts';
import { LeaseTalk } from './lease-talk.ts';
import type { LoadOrder } from './program.ts';
import type { Tally } from './tally.ts';

export interface World {
  readonly port: DhcpPort;
  readonly addresses: Addresses;
  readonly tally: Tally;
}

/** Few enough for the pool as it comes (20 addresses), and to have had as many boots as the journal remembers of one soon. */
const REGULARS = 12;
const REST_MS = 9000;
const NEWCOMER_EVERY_MS = 20_000;
const UNLUCKY_REST_MS = 15_000;
/** Between the stages of a boot, so that cables are pulled and files replaced in the middle of some. */
const PAUSE_MS = 150;
const KINDS: readonly Kind[] = ['bios', 'uefi', 'uefi-http', 'ipxe-rom'];

/** Machines that end in the middle of something, over and over. */
const UNLUCKY: readonly (readonly [Kind, Fault])[] = [
  ['bios', { does: 'goes-deaf', block: 20 }],
  ['uefi-http', { does: 'hangs-up', during: 'initrd', bytes: 500_000 }],
  ['uefi', { does: 'stalls', during: 'kernel', bytes: 200_000 }],
  ['ipxe-rom', { does: 'falls-silent', after: 'script' }],
];

/** What a machine does with its lease once it is up; then it is switched on again. */
const AFTERWARDS: readonly (readonly (keyof Pick<LeaseTalk, 'renew' | 'reboot' | 'release'>)[])[] = [
  ['renew'],
  ['renew', 'renew', 'release'],
  ['reboot'],
  ['renew', 'reboot', 'renew'],
];

/** Machines that boot, renew, release, come back, or break off, for as long as the process lives. */
export function keepBooting(order: LoadOrder, world: World): void {
  const talk = new LeaseTalk(order.server, world.port);
  const site = { order, world, talk };
  for (let n = 0; n < REGULARS; n++) void regular(site, n);
  for (const [n, [kind, fault]] of UNLUCKY.entries()) void unlucky(site, n, kind, fault);
  void newcomers(site);
}

interface SoakSite {
  readonly order: LoadOrder;
  readonly world: World;
  readonly talk: LeaseTalk;
}

async function regular({ order, world, talk }: SoakSite, n: number): Promise<void> {
  const random = new Random(order.seed + n);
  const plan = { mac: macOf(n), kind: KINDS[n % KINDS.length]!, hostName: `regular-${n}` };
  await sleep((n / REGULARS) * REST_MS);
  for (;;) {
    const address = await bootOnce(order, world, plan);
    for (const what of address ? random.pick(AFTERWARDS) : []) {
      await sleep(random.int(2000));
      const problem = await talk[what](plan, address!);
      if (problem) world.tally.unanswered(`${what}: ${problem}`);
      else world.tally.answered();
    }
    await sleep(REST_MS * (0.5 + random.next() / 2));
  }
}

async function unlucky({ order, world }: SoakSite, n: number, kind: Kind, fault: Fault): Promise<void> {
  const plan = { mac: macOf(n, 3), kind, hostName: `unlucky-${n}`, fault };
  for (;;) {
    await bootOnce(order, world, plan);
    await sleep(UNLUCKY_REST_MS);
  }
}

/** Each comes once and gives its address back. */
async function newcomers({ order, world, talk }: SoakSite): Promise<void> {
  for (let n = 0; ; n++) {
    const fleet = 4 + ((n >> 16) & 63);
    const plan = { mac: macOf(n & 0xffff, fleet), kind: KINDS[n % KINDS.length]!, hostName: `newcomer-${n}` };
    const address = await bootOnce(order, world, plan);
    if (address) await talk.release(plan, address);
    await sleep(NEWCOMER_EVERY_MS);
  }
}

/** Boots the machine once and counts how that went. @returns its address, where it is up. */
async function bootOnce(
  { contents }: LoadOrder,
  { port, addresses, tally }: World,
  plan: MachinePlan,
): Promise<string | undefined> {
  const begun = performance.now();
  let up: string | undefined;
  let wrong: string | undefined;
  const tell = (told: Told) => {
    if (told.what === 'file' && contents[told.name] && !contents[told.name]!.includes(told.sha256!))
      wrong = `${told.name} came with other bytes`;
    if (told.what !== 'end') return;
    if (told.booted) up = told.address;
    else wrong ??= `${told.stage}: ${told.why}`;
  };
  await new Machine({ ...plan, pause: PAUSE_MS }, { port, addresses, hash: true, tell }).run();
  if (plan.fault) tally.died();
  else if (wrong !== undefined) tally.failed(`${plan.kind} ${plan.mac}: ${wrong}`);
  else tally.booted(performance.now() - begun);
  return wrong === undefined ? up : undefined;
}
