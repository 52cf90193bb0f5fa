import type { Boot } from '../timeline/boot.ts';
import { filesOf, loadedAt } from '../timeline/loaded.ts';
import { WAITS } from './deadlines.ts';
import { type Signature, signature } from './signature.ts';
import { architectureText, listText, sizeText, spanText } from './words.ts';

/** The script starts over where the kernel does not start: what is loaded for so many times was refused before. */
const REFUSED_AFTER = 3;

/** All was delivered, and no system came of it. */
export const kernel: readonly Signature[] = [
  signature({
    code: 'kernel-not-started',
    stage: 'system',
    certainty: 'failed',
    matches: ({ boot }) => {
      const refused = filesOf(boot, 'kernel').find(
        ({ tries, state }) => tries >= REFUSED_AFTER && state === 'done',
      );
      return boot.script && !boot.system ? refused : undefined;
    },
    cause: ({ file, tries }) =>
      `It has loaded ${file} ${tries} times and come back to the boot script each time: the kernel cannot be started`,
    remedy: ({ file }, { boot }) =>
      `See on its screen why; is ${file} a whole kernel for ${architectureText(boot)}, signed where Secure Boot is on, and has the machine RAM for ${ramFor(boot)}?`,
  }),
  signature({
    code: 'restart-after-kernel',
    stage: 'system',
    certainty: 'failed',
    matches: ({ boot }) => {
      const loaded = loadedAt(boot);
      if (loaded === undefined || boot.system || !boot.ended) return undefined;
      return boot.ended.at - loaded <= WAITS.restart ? { loaded, restarted: boot.ended.at } : undefined;
    },
    since: ({ restarted }) => restarted,
    cause: ({ loaded, restarted }, { boot }) =>
      `It loaded ${delivered(boot)} and started over ${spanText(restarted - loaded)} later: its kernel crashed, or found no root file system`,
    remedy: (_, { boot }) =>
      filesOf(boot, 'initrd').length > 0
        ? `Make it show why (CMDLINE='panic=0 console=tty0 console=ttyS0'); is the initrd of the kernel's version, and its RAM larger than ${ramFor(boot)}?`
        : `Make it show why (CMDLINE='panic=0 console=tty0 console=ttyS0'); it got no initrd, which most kernels need: put one into images/`,
  }),
  signature({
    code: 'silence-after-kernel',
    stage: 'system',
    certainty: 'suspect',
    matches: (facts) => {
      const { boot, stages } = facts;
      const loaded = loadedAt(boot);
      if (loaded === undefined || boot.system || boot.ended || stages.system.state === 'unknown')
        return undefined;
      return facts.silent(WAITS.system) ? loaded : undefined;
    },
    since: (loaded) => loaded,
    cause: (_, { boot }) =>
      `It loaded ${delivered(boot)} and has not asked for an address since: the kernel hangs or shows nothing, or its system does without DHCP`,
    remedy: (_, { boot }) =>
      `Where it should be up, let it show what it does: CMDLINE='console=tty0 console=ttyS0' (arm64: console=ttyAMA0); is its RAM larger than ${ramFor(boot)}, and has its kernel a driver for this network card?`,
  }),
];

function delivered(boot: Boot): string {
  return listText([...filesOf(boot, 'kernel'), ...filesOf(boot, 'initrd')].map(({ file }) => file));
}

/** An initrd unpacks to about three times its size; less than this no system of today has. */
const LEAST_RAM = 256_000_000;

function ramFor(boot: Boot): string {
  const files = [...filesOf(boot, 'kernel'), ...filesOf(boot, 'initrd')];
  return sizeText(Math.max(LEAST_RAM, 3 * files.reduce((sum, { size }) => sum + (size ?? 0), 0)));
}
