import { fileMissing } from '../../journal/diagnosis/telling.ts';
import { initrdOf, kernelOf, type Oddity } from './contents.ts';
import { type Fetched, fetchFile, Missing, type Source } from './fetch-file.ts';
import { told } from './load-loader.ts';
import { Trouble } from './trouble.ts';
import type { Booting, Passed } from './walk.ts';

const OF_KIND = { kernel: kernelOf, initrd: initrdOf } as const;

/** Kernel or initrds, each compared with the file in images/ and looked at for what it is. */
export async function loadImages(
  as: 'kernel' | 'initrd',
  sources: readonly Source[],
  booting: Booting,
): Promise<Passed> {
  if (sources.length === 0) return { state: 'note', detail: `the script names no ${as}` };
  const said: string[] = [];
  const odd: Oddity[] = [];
  let bytes = 0;
  for (const source of sources) {
    const file = await fetchFile(source, booting).catch((error: unknown) => missing(error, booting));
    const { what, odd: oddity } = look(as, file, booting);
    said.push(`${await told(file, booting)}: ${what}`);
    if (oddity) odd.push(oddity);
    bytes += file.bytes;
  }
  const [first] = odd;
  const detail = said.join('; ');
  if (!first) return { state: 'ok', detail, bytes };
  return { state: 'warn', bytes, ...first, detail: `${detail}. ${odd.map((one) => one.detail).join('; ')}` };
}

function look(
  as: 'kernel' | 'initrd',
  file: Fetched,
  { machinery }: Booting,
): { what: string; odd?: Oddity } {
  return OF_KIND[as](file, machinery);
}

async function missing(error: unknown, { originals }: Booting): Promise<never> {
  if (!(error instanceof Missing)) throw error;
  const { file } = error;
  // A generated script names what is in images/: one that names something else was edited, or has just lost it.
  const { cause, remedy } = fileMissing({ file, nearest: await originals.nearest(file), edited: true });
  throw new Trouble({ detail: cause, remedy });
}
