import { AUTOEXEC_NAME } from '../../boot/autoexec.ts';
import { GRUB_CONFIG_NAME } from '../../boot/grub.ts';
import { SCRIPT_NAME } from '../../boot/plan.ts';
import { isOptional } from '../optional-files.ts';
import type { Boot } from './boot.ts';
import { plainName } from './file-news.ts';
import type { StageName } from './model.ts';

/** What a boot is told to do by: having read one of them, it goes on to the kernel. */
const SCRIPTS: readonly string[] = [SCRIPT_NAME, GRUB_CONFIG_NAME];
/** Scripts and settings of other making, and what GRUB looks for beside its own. */
const SCRIPTLIKE = /\.(ipxe|cfg|conf|lst|txt|pf2|mo)$|^pxelinux\.cfg\//i;
/** Names by which everybody calls them; a Raspberry Pi loads its kernel by itself, among its other files. */
const KERNELLIKE = /(^|\/)(kernel\w*\.img|vmlinu[xz][^/]*|bzimage[^/]*)$/i;
const INITRDLIKE = /(^|\/)(initr(d|amfs)[^/]*)$/i;
const LOADERLIKE = /\.(efi|kpxe|0|pxe)$/i;

export function isScript(file: string): boolean {
  return SCRIPTS.includes(file);
}

/**
 * Which stage of the boot a file belongs to. Names that are known decide by themselves: generated files, kernel and initrds as they were
 * chosen, the loader that dhcp named; then what everybody calls a kernel or an initrd. Of the others, what comes before the script is a loader; what comes after it is the kernel where none has
 * come yet, and an initrd otherwise, as in a hand-edited script. Names that are plainly scripts or settings belong to the script.
 */
export function stageOf(boot: Boot, file: string): StageName {
  const { choice } = boot.around;
  if (isScript(file) || file === AUTOEXEC_NAME) return 'script';
  if (choice?.kind === 'http.choice.ready') {
    if (plainName(choice.kernel) === file) return 'kernel';
    if (choice.initrds.some((name) => plainName(name) === file)) return 'initrd';
  }
  if (loaderNames(boot).includes(file)) return 'loader';
  if (KERNELLIKE.test(file)) return 'kernel';
  if (INITRDLIKE.test(file)) return 'initrd';
  if (boot.firmware === 'raspberry-pi') return 'loader';
  if (SCRIPTLIKE.test(file)) return 'script';
  if (isOptional(file) || LOADERLIKE.test(file)) return 'loader';
  if (!boot.script && !boot.asked.ipxe) return 'loader';
  return boot.files.some((other) => other.stage === 'kernel' && other.file !== file) ? 'initrd' : 'kernel';
}

/** Of the settings, and as dhcp told this machine. */
export function loaderNames(boot: Pick<Boot, 'around' | 'asked'>): string[] {
  const { profiles } = boot.around;
  const profile = profiles.tftp ?? profiles.http ?? profiles.dhcp;
  const named = profile ? Object.values(profile.loaders).map(({ name }) => plainName(name)) : [];
  const told = toldLoader(boot);
  return told === undefined ? named : [...named, told];
}

/** The name of the loader that dhcp told the machine; undefined where it told none. */
export function toldLoader({ asked }: Pick<Boot, 'asked'>): string | undefined {
  const plan = asked.firmware?.plan;
  if (plan?.kind === 'loader') return plainName(plan.file);
  if (plan?.kind === 'http-loader') return urlFile(plan.url);
  return undefined;
}

/** "http://10.0.0.1/snponly.efi" → "snponly.efi" */
function urlFile(url: string): string {
  const path = url.replace(/^[a-z]+:\/\/[^/]*\//i, '');
  try {
    return plainName(decodeURIComponent(path));
  } catch {
    return plainName(path);
  }
}
