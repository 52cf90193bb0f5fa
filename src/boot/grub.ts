import type { Choice } from '../assets/choose.ts';
import { filePath, quote, say } from '../protocol/grub/command.ts';
import { grubArguments } from './grub-arguments.ts';
import type { ScriptSettings } from './script.ts';
import { ABOUT, withMark } from './script-mark.ts';
import { LOOK_AGAIN, waitingText } from './waiting.ts';

export const GRUB_CONFIG_NAME = 'grub/grub.cfg';

const CHAINS_GRUB = /(shim|grub)[^/]*\.efi/i;

/** True for a loader, by its name or URL, that leads to GRUB and not to iPXE. */
export function chainsGrub(loader: string): boolean {
  return CHAINS_GRUB.test(loader);
}

/**
 * The text of grub/grub.cfg, for a GRUB that was loaded from here by shim (Secure Boot): boots what was chosen, or says on the screen what
 * is missing and looks again. Files come from where GRUB itself came from: by TFTP after PXE, by HTTP after HTTP Boot, where that GRUB has HTTP
 * (Debian's signed netboot image has it since 13).
 */
export function grubConfig(settings: ScriptSettings, choice: Choice): string {
  const body = choice.ready
    ? boot(choice.kernel, choice.initrds, settings.boot.cmdline)
    : explain(settings, choice);
  return withMark(`${[...LOOP, ...body.map((line) => `  ${line}`), 'fi'].join('\n')}\n`);
}

/**
 * GRUB has no way to start a file anew but to nest it, which after some hours fills its stack: so the outermost reading only reads the
 * file again and again. No `serial` either: the firmware's console has the serial ports that the firmware redirects.
 */
const LOOP = [
  '# GRUB reads this where a machine is started by Secure Boot (docs/secure-boot.md).',
  ...ABOUT,
  'if [ -z "$remoteboot_reads" ]; then',
  '  set remoteboot_reads=yes',
  '  while [ -n "$remoteboot_reads" ]; do',
  '    set remoteboot_pause=10',
  '    source "$prefix/grub.cfg"',
  '    # Escape ends the pause and opens the GRUB shell.',
  '    if sleep --interruptible "$remoteboot_pause"; then true; else set remoteboot_reads=; fi',
  '  done',
  'else',
];

function boot(kernel: string, initrds: readonly string[], cmdline: string): string[] {
  const { words, before } = grubArguments(cmdline);
  const start = [`set remoteboot_step=${quote('start the kernel')}`, 'boot'];
  return [
    ...before,
    `set remoteboot_step=${quote(`load ${kernel}`)}`,
    `if ${['linux', filePath(kernel), ...words].join(' ')}; then`,
    ...(initrds.length > 0 ? indented(withInitrds(initrds, start)) : indented(start)),
    'fi',
    'echo',
    'echo "remoteboot: this machine could not $remoteboot_step"',
    'echo "Machine $net_default_mac $net_default_ip, server $net_default_server"',
    ...say(
      'Do the services run there (docker compose ps), what do they say (docker compose logs tftp http), ' +
        'and is the kernel one that Secure Boot lets pass (signed by the distribution)?',
    ),
    ...say('Next try in 10 seconds. Escape opens the GRUB shell.'),
  ];
}

function withInitrds(initrds: readonly string[], start: readonly string[]): string[] {
  return [
    `set remoteboot_step=${quote(`load ${initrds.join(', ')}`)}`,
    `if ${['initrd', ...initrds.map(filePath)].join(' ')}; then`,
    ...indented(start),
    'fi',
  ];
}

const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}`);

function explain({ addresses }: ScriptSettings, choice: Choice & { ready: false }): string[] {
  const { paragraphs, version } = waitingText(addresses.tftp, choice, 'Escape opens the GRUB shell');
  return [
    `set remoteboot_pause=${LOOK_AGAIN}`,
    `if [ "$remoteboot_shown" != ${version} ]; then`,
    `  set remoteboot_shown=${version}`,
    ...indented(paragraphs.flatMap(say)),
    'fi',
  ];
}
