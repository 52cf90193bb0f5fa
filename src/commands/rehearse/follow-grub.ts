import type { Fetch } from './follow-script.ts';

const COMMAND = /^\s*(?:if\s+)?(linux|initrd)(?:efi|16)?\s+(.+?)\s*(?:;\s*then\s*)?$/;
/** GRUB's words: quoted or not. */
const WORD = /'([^']*)'|"([^"]*)"|(\S+)/g;

/** Kernel and initrds that a grub.cfg loads; plain `linux` and `initrd` lines are understood, and their branches not told apart. */
export function followGrub(config: string): readonly Fetch[] {
  return config.split('\n').flatMap((text, index): Fetch[] => {
    const [, command, rest = ''] = COMMAND.exec(text) ?? [];
    if (command === undefined) return [];
    const words = [...rest.matchAll(WORD)].map(([, single, double, bare]) => single ?? double ?? bare ?? '');
    const files = command === 'linux' ? words.slice(0, 1) : words;
    const as = command === 'linux' ? 'kernel' : 'initrd';
    return files.map((url) => ({ as, url, line: index + 1 }));
  });
}
