import type { BootSettings } from '../config/profile.ts';
import { DEMO_SYSTEM, isOfDemo, withoutDemo } from './demo-system.ts';
import type { Kernel } from './linux-kernel.ts';
import { nearest } from './nearest.ts';
import { describe, type Recognised } from './recognise.ts';

/** A file of images/ and what it was recognised as. */
export interface Found {
  readonly name: string;
  readonly file: Recognised;
  /** How it is seen that a part is missing at its end: "its header tells of …". */
  readonly cutOff?: string;
}

/** A file of images/ that could not be looked at; `why` names it. */
export interface Unreadable {
  readonly name: string;
  readonly why: string;
}

/** What machines boot, or why they cannot: `reason` and `remedy` are sentences without their full stops. */
export type Choice =
  | {
      readonly ready: true;
      readonly kernel: string;
      readonly initrds: readonly string[];
      /** "vmlinuz (6.1.0-40-amd64) with initrd.img" */
      readonly summary: string;
      /** What is odd about it, though it may well be meant. */
      readonly notes: readonly string[];
    }
  | { readonly ready: false; readonly reason: string; readonly remedy: string };

/**
 * Settles what machines boot. KERNEL and INITRD are taken at their word; where they are unset, files are found by
 * content, and only an unambiguous find counts.
 */
export function choose(
  found: readonly Found[],
  settings: Pick<BootSettings, 'kernel' | 'initrd'>,
  unreadable: readonly Unreadable[] = [],
): Choice {
  const kernel =
    settings.kernel === undefined ? theKernel(found, unreadable) : named('KERNEL', settings.kernel);
  if ('reason' in kernel) return { ready: false, ...kernel };
  const initrds =
    settings.initrd === undefined ? theInitrd(found, kernel.name) : namedInitrds(settings.initrd);
  if ('reason' in initrds) return { ready: false, ...initrds };
  return {
    ready: true,
    kernel: kernel.name,
    initrds: initrds.names,
    summary: summarise(found, kernel.name, initrds.names),
    notes: [...oddities(found, kernel.name), ...initrds.notes],
  };

  function named(variable: 'KERNEL' | 'INITRD', name: string): { name: string } | Trouble {
    if (found.some((file) => file.name === name)) return { name };
    const refused = unreadable.find((file) => file.name === name);
    if (!refused) return absent(variable, name, found);
    return { reason: `${variable} in .env names ${name}, but ${refused.why}`, remedy: REPAIR };
  }

  function namedInitrds(names: readonly string[]): Initrds | Trouble {
    const troubles = names.map((name) => named('INITRD', name)).filter((result) => 'reason' in result);
    return troubles[0] ?? { names, notes: [] };
  }
}

interface Trouble {
  readonly reason: string;
  readonly remedy: string;
}

interface Initrds {
  readonly names: readonly string[];
  readonly notes: readonly string[];
}

function absent(variable: 'KERNEL' | 'INITRD', name: string, found: readonly Found[]): Trouble {
  const kind = variable === 'KERNEL' ? 'kernel' : 'initrd';
  const likely = found.filter(({ file }) => file.kind === kind).map((file) => file.name);
  const near =
    nearest(name, likely) ??
    nearest(
      name,
      found.map((file) => file.name),
    ) ??
    likely[0];
  return {
    reason: `${variable} in .env names ${name}, which is not in the folder images/`,
    remedy: near
      ? `put ${name} into images/, or ${variable}=${near} into .env`
      : `put ${name} into images/, or correct ${variable} in .env`,
  };
}

const REPAIR = 'make that a regular file in images/ that everybody may read';

function theKernel(found: readonly Found[], unreadable: readonly Unreadable[]): { name: string } | Trouble {
  const kernels = withoutDemo(
    found.filter((file): file is Found & { file: Kernel } => file.file.kind === 'kernel'),
  );
  const only = kernels[0];
  if (!only) return noKernel(found, unreadable);
  if (kernels.length === 1) return only;
  const newest = kernels.toSorted((a, b) => byVersion(a.file.version, b.file.version)).at(-1)!;
  return {
    reason: `there are ${kernels.length} kernels in the folder images/: ${list(kernels)}`,
    remedy: `choose one in .env, for example KERNEL=${newest.name}, then docker compose up -d`,
  };
}

function noKernel(found: readonly Found[], unreadable: readonly Unreadable[]): Trouble {
  const packed = found.find(({ file }) => file.kind === 'other' && file.what.startsWith('a kernel in gzip'));
  if (packed) {
    return {
      reason: `there is no kernel in the folder images/ that a machine can start, only ${packed.name}, which is packed`,
      remedy: 'unpack that with gunzip',
    };
  }
  if (unreadable[0]) {
    return { reason: `there is no kernel in images/ that can be read: ${unreadable[0].why}`, remedy: REPAIR };
  }
  return {
    reason: 'there is no kernel in the folder images/',
    remedy: 'put a Linux kernel (vmlinuz) and its initrd (initrd.img) into images/; they are found at once',
  };
}

const DEMO_NOTE = `that is the demo's system: put a kernel of your own into images/, and machines boot that instead`;

/** A packed folder is no initrd, though it begins like one. */
const ARCHIVE = /\.(tar|t?gz2|tgz|txz|tzst|tbz2?)(\.|$)/i;

function theInitrd(found: readonly Found[], kernel: string): Initrds | Trouble {
  const initrds = found.filter(
    ({ name, file }) => file.kind === 'initrd' && !ARCHIVE.test(name) && isOfDemo(name) === isOfDemo(kernel),
  );
  if (initrds.length > 1) {
    return {
      reason: `there are ${initrds.length} initrds in the folder images/: ${list(initrds)}`,
      remedy: `choose in .env, for example INITRD=${companion(kernel, initrds) ?? initrds[0]!.name}`,
    };
  }
  if (initrds[0]) return { names: [initrds[0].name], notes: [] };
  return {
    names: [],
    notes: [
      `there is no initrd in images/, so ${kernel} starts without one (INITRD=none in .env ends this note)`,
    ],
  };
}

/** The initrd that carries the kernel's version in its name: vmlinuz-6.1.0-40 and initrd.img-6.1.0-40. */
function companion(kernel: string, initrds: readonly Found[]): string | undefined {
  const version = /\d[\w.+~-]*$/.exec(kernel)?.[0];
  return version && initrds.find(({ name }) => name.includes(version))?.name;
}

function list(files: readonly Found[]): string {
  const shown = files.slice(0, 6).map(({ name, file }) => {
    const version = file.kind === 'kernel' ? file.version : undefined;
    return version ? `${name} (${version})` : name;
  });
  return [...shown, ...(files.length > shown.length ? [`${files.length - shown.length} more`] : [])].join(
    ', ',
  );
}

function byVersion(left = '', right = ''): number {
  return left.localeCompare(right, 'en', { numeric: true });
}

function summarise(found: readonly Found[], kernel: string, initrds: readonly string[]): string {
  const file = found.find(({ name }) => name === kernel)?.file;
  const version = file?.kind === 'kernel' && file.version ? ` (${file.version})` : '';
  return `${kernel}${version} ${initrds.length > 0 ? `with ${initrds.join(', ')}` : 'without an initrd'}`;
}

function oddities(found: readonly Found[], kernel: string): string[] {
  if (kernel === DEMO_SYSTEM.kernel) return [DEMO_NOTE];
  const { file, cutOff } = found.find(({ name }) => name === kernel) ?? {};
  if (cutOff) return [`${kernel} is cut off: ${cutOff}; copy it to images/ once more`];
  if (!file || file.kind === 'kernel' || file.kind === 'efi' || file.kind === 'nbp') return [];
  return [`KERNEL=${kernel} looks like ${describe(file)}, not like a kernel`];
}
