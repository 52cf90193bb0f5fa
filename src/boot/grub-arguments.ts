import { quote } from '../protocol/grub/command.ts';
import { splitArguments } from '../protocol/ipxe/command.ts';

/** A kernel command line in GRUB's words. */
export interface GrubArguments {
  /** As they stand behind the kernel's name. */
  readonly words: readonly string[];
  /** Commands that have to run before, for what GRUB does not know by itself. */
  readonly before: readonly string[];
  /** What GRUB cannot hand on: settings that it has not, and quotes and backslashes, which it would escape. */
  readonly lost: readonly string[];
}

const SMBIOS_SYSTEM = (offset: string, variable: string) =>
  `smbios --type 1 ${offset} --set remoteboot_${variable}`;

/** iPXE's settings (ipxe.org/cfg) and GRUB's variables of the same meaning, with the command that sets them. */
const VARIABLES: Readonly<Record<string, { readonly name: string; readonly before?: string }>> = {
  mac: { name: 'net_default_mac' },
  ip: { name: 'net_default_ip' },
  'next-server': { name: 'net_default_server' },
  uuid: { name: 'remoteboot_uuid', before: SMBIOS_SYSTEM('--get-uuid 8', 'uuid') },
  serial: { name: 'remoteboot_serial', before: SMBIOS_SYSTEM('--get-string 7', 'serial') },
  manufacturer: { name: 'remoteboot_manufacturer', before: SMBIOS_SYSTEM('--get-string 4', 'manufacturer') },
  product: { name: 'remoteboot_product', before: SMBIOS_SYSTEM('--get-string 5', 'product') },
};

/** `${mac}`, `${net0/mac}`, `${netX/mac}`: GRUB has one card, the one that it was loaded through. */
const SETTING = /\$\{(?:net[0X]\/)?([^${}]*)\}/;

/** CMDLINE, which may hold settings for iPXE to expand, as GRUB takes it. */
export function grubArguments(cmdline: string): GrubArguments {
  const before = new Set<string>();
  const lost: string[] = [];
  const words = kernelArguments(cmdline).map((argument) => {
    if (/["'\\]/.test(argument)) lost.push(argument);
    // Literal parts and settings take turns.
    const [literal = '', ...rest] = argument.split(new RegExp(SETTING, 'g'));
    const shown = [...argument.matchAll(new RegExp(SETTING, 'g'))].map(([whole]) => whole);
    let word = literal === '' ? '' : quote(literal);
    for (let at = 0; at < rest.length; at += 2) {
      const variable = Object.hasOwn(VARIABLES, rest[at]!) ? VARIABLES[rest[at]!] : undefined;
      if (!variable) lost.push(shown[at / 2]!);
      else word += `"$${variable.name}"`;
      if (variable?.before) before.add(variable.before);
      if (rest[at + 1]) word += quote(rest[at + 1]!);
    }
    return word === '' ? "''" : word;
  });
  return { words, before: [...before], lost };
}

/**
 * The arguments that Linux would make of a command line (lib/cmdline.c, next_arg): double quotes keep blanks together, and those around
 * an argument or its value are dropped. GRUB puts quotes of its own around what has blanks in it.
 */
function kernelArguments(cmdline: string): string[] {
  const found =
    splitArguments(cmdline)
      .join(' ')
      .match(/(?:"[^"]*(?:"|$)|[^ "])+/g) ?? [];
  return found.map((argument) => argument.replace(/^([^"=]*=)?"([^"]*)"?$/, '$1$2'));
}
