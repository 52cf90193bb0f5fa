import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Choice, choose } from '../../../assets/choose.ts';
import { openJailed } from '../../../assets/jail.ts';
import { nearest } from '../../../assets/nearest.ts';
import { hasPackaged, isFile } from '../../../assets/packaged.ts';
import { describe } from '../../../assets/recognise.ts';
import { type Surveyed, Surveyor } from '../../../assets/survey.ts';
import { type Wholeness, wholenessOf } from '../../../assets/whole.ts';
import { GENERATED, isGenerated } from '../../../boot/generated.ts';
import { SCRIPT_NAME } from '../../../boot/plan.ts';
import { filesOf } from '../../../boot/script-files.ts';
import { isUnedited } from '../../../boot/script-mark.ts';
import { isLocalAddress } from '../../../platform/adapters.ts';
import { formatIpv4 } from '../../../protocol/ipv4.ts';
import { architecture } from '../../../protocol/pxe/architecture.ts';
import type { ReportLine } from '../../report.ts';
import { check, type Patient } from '../check.ts';
import { hostFolder, intoEnv, quoted } from '../mending.ts';
import { sizeText } from './disk.ts';

export interface ImageFacts {
  readonly folder: string;
  /** Another host's address that machines load these files from. */
  readonly elsewhere: string | undefined;
  readonly choice: Choice;
  /** Kernel and initrds, as far as they are there. */
  readonly files: readonly (Surveyed & { readonly wholeness: Wholeness })[];
  readonly names: readonly string[];
  readonly unreadable: readonly { readonly name: string; readonly why: string }[];
  /** What an edited script loads, and is not there. */
  readonly missing: readonly { readonly name: string; readonly line: number }[];
  readonly edited: boolean;
  readonly machines: Patient['seen']['machines'];
}

export const images = check('kernel', 'Kernel and initrd', gather, judge);

async function gather({ paths, settings, resolution, seen, stop }: Patient): Promise<ImageFacts> {
  const named = [settings.KERNEL ?? [], settings.INITRD ?? []].flat();
  const surveyor = new Surveyor({ folder: paths.images, ignored: GENERATED, also: named });
  const survey = await surveyor.look();
  if (!survey.readable) throw new Error(survey.reason);
  const choice = choose(
    // What is cut off is told of each file below, with the command that mends it.
    survey.found.map(({ cutOff: _, ...found }) => found),
    { kernel: settings.KERNEL, initrd: settings.INITRD },
    survey.unreadable,
  );
  const wanted = new Set(choice.ready ? [choice.kernel, ...choice.initrds] : []);
  const files = await Promise.all(
    survey.found
      .filter(({ name }) => wanted.has(name))
      .map(async (one) => ({ ...one, wholeness: await wholeness(paths.images, one, stop) })),
  );
  const addresses = resolution.state === 'ready' ? resolution.profile.addresses : undefined;
  const ours = addresses ? [addresses.http, addresses.tftp].map(formatIpv4) : [];
  const servers = [...ours, ...ours.map((address) => `${address}:${settings.HTTP_PORT}`)];
  const script = await readFile(path.join(paths.images, SCRIPT_NAME), 'utf8').catch(() => undefined);
  const edited = script !== undefined && !isUnedited(script);
  const loads = edited ? filesOf(script, servers) : [];
  const there = await Promise.all(
    loads.map(
      async ({ name }) =>
        isGenerated(name) ||
        (await isFile(path.join(paths.images, name))) ||
        (await hasPackaged(paths.loaders, name)),
    ),
  );
  return {
    folder: hostFolder('images', paths.images),
    elsewhere: addresses && !isLocalAddress(addresses.http) ? formatIpv4(addresses.http) : undefined,
    choice,
    files,
    names: survey.found.map(({ name }) => name),
    unreadable: survey.unreadable,
    missing: loads.filter((_, at) => !there[at]),
    edited,
    machines: seen.machines,
  };
}

async function wholeness(
  root: string,
  { name, file, size }: Surveyed,
  stop: AbortSignal,
): Promise<Wholeness> {
  const { handle } = (await openJailed({ root, links: 'inside' }, name)).file;
  try {
    return await wholenessOf(handle, size, file, stop);
  } finally {
    await handle.close();
  }
}

export function judge(facts: ImageFacts): ReportLine[] {
  const { choice, files, folder, unreadable, missing, edited, names, elsewhere } = facts;
  if (elsewhere)
    return [
      { state: 'note', what: 'files', detail: `machines are sent to ${elsewhere} for kernel and initrd` },
    ];
  const lines: ReportLine[] = [];
  if (!choice.ready) lines.push(noChoice(choice, edited));
  else {
    lines.push(...files.map((one) => fileLine(one, facts)));
    lines.push(...choice.notes.map((note): ReportLine => ({ state: 'warn', what: 'choice', detail: note })));
  }
  for (const { name, why } of unreadable)
    lines.push({
      // One that is needed is missing from the choice as well, which fails.
      state: 'warn',
      what: name,
      detail: `cannot be served: ${why}`,
      command: `sudo chmod a+r ${quoted(path.join(folder, name))}`,
    });
  for (const { name, line } of missing) {
    const near = nearest(name, names);
    lines.push({
      state: 'fail',
      what: SCRIPT_NAME,
      detail: `was edited, and loads ${name} in line ${line}, which is not in ${folder}`,
      remedy: near
        ? `did you mean ${near}? Or delete the script, and it is made anew`
        : 'put that file there; or delete the script, and it is made anew',
      command: `rm ${quoted(path.join(folder, SCRIPT_NAME))}`,
    });
  }
  if (edited && missing.length === 0)
    lines.push({ state: 'note', what: SCRIPT_NAME, detail: 'was edited by hand and is served as it is' });
  return [...lines, ...wrongMachines(facts)];
}

function noChoice({ reason, remedy }: Extract<Choice, { ready: false }>, edited: boolean): ReportLine {
  const line = /\b((?:KERNEL|INITRD)=[^\s,]+)/.exec(remedy)?.[1];
  return {
    // An edited script boots what it names itself.
    state: edited ? 'warn' : 'fail',
    what: 'choice',
    detail: reason,
    remedy,
    ...(line ? { command: intoEnv(line) } : {}),
  };
}

function fileLine(
  { name, file, size, wholeness }: ImageFacts['files'][number],
  { folder }: ImageFacts,
): ReportLine {
  const what = describe(file).replace(/^an? /, '');
  if (wholeness.state === 'cut off')
    return {
      state: 'fail',
      what: name,
      detail: `${what}, cut off or damaged: ${wholeness.why}`,
      remedy: `copy it to ${folder} again, whole; from this host, for example`,
      command: `sudo install -m 644 ${file.kind === 'kernel' ? '/boot/vmlinuz-$(uname -r)' : '/boot/initrd.img-$(uname -r)'} ${quoted(path.join(folder, name))}`,
    };
  const end = wholeness.state === 'whole' ? '' : '; whether it is whole cannot be told';
  return { state: 'ok', what: name, detail: `${what}, ${sizeText(size)}${end}` };
}

/** Which kernels start on machines that load a loader of that architecture; BIOS says nothing of 64 bits. */
const STARTS: Readonly<Record<string, readonly string[]>> = {
  bios: ['x86', 'x86_64'],
  x64: ['x86_64'],
  ia32: ['x86', 'x86_64'],
  arm64: ['arm64'],
};

function wrongMachines({ files, machines, edited }: ImageFacts): ReportLine[] {
  const kernel = files.flatMap(({ name, file }) => (file.kind === 'kernel' ? [{ name, ...file }] : []))[0];
  if (!kernel || edited || kernel.architecture === 'other') return [];
  const wrong = machines.filter(({ architecture: code }) => {
    const { loader } = architecture(code);
    return loader !== undefined && STARTS[loader]?.includes(kernel.architecture) === false;
  });
  if (wrong.length === 0) return [];
  const shown = wrong.slice(0, 3).map(({ mac, architecture: code }) => `${mac} (${architecture(code).name})`);
  const more = wrong.length > shown.length ? ` and ${wrong.length - shown.length} more` : '';
  return [
    {
      state: 'fail',
      what: 'architecture',
      detail: `${kernel.name} is for ${kernel.architecture}, and cannot start on ${shown.join(', ')}${more}`,
      remedy: `put a kernel for these machines into images/, or edit ${SCRIPT_NAME} to choose by \${buildarch}`,
    },
  ];
}
