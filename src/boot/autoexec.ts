import { command, orElse } from '../protocol/ipxe/command.ts';
import { say } from '../protocol/ipxe/screen.ts';
import { besideScript, fileUrl } from '../protocol/ipxe/url.ts';
import { SCRIPT_NAME } from './plan.ts';
import type { ScriptSettings } from './script.ts';
import { withMark } from './script-mark.ts';

export const AUTOEXEC_NAME = 'autoexec.ipxe';

/** More network cards than a machine has that boots from one of them. */
const CARDS = Array.from({ length: 8 }, (_, n) => `net${n}`);

/**
 * The text of autoexec.ipxe. UEFI builds of iPXE ask for it where they came from, and run it in place of their own start (src/interface/efi/
 * efi_autoexec.c), with no address yet. It goes straight to the script, whatever boot file the DHCP server of this network names: so
 * an iPXE that a foreign server sends to its loader again does not go round in circles.
 */
export function autoexecScript({
  addresses,
  httpPort,
}: Pick<ScriptSettings, 'addresses' | 'httpPort'>): string {
  const url = fileUrl({ address: addresses.http, port: httpPort }, SCRIPT_NAME);
  const load = command('chain', '--replace', url);
  return withMark(
    `${[
      '#!ipxe',
      '# UEFI builds of iPXE since 2021 ask for this file by themselves. Once it is edited, it is served as it is;',
      '# delete it to have it made again.',
      '',
      ':start',
      // A card that got its address elsewhere may not reach this server: then it is the next one's turn.
      ...CARDS.map((card) => orElse(`isset \${${card}/mac} && dhcp ${card} && ${load}`)),
      // By TFTP, where this file came that way.
      orElse(command('chain', '--replace', besideScript(SCRIPT_NAME))),
      'echo',
      ...say(`remoteboot: this machine got no address, or could not fetch ${url}`),
      command('echo', 'Error ${errno}, machine ${netX/mac} ${ip}'),
      ...say('Next try in 10 seconds. Ctrl-C opens the iPXE shell, exit there tries again.'),
      'sleep 10 || shell ||',
      'goto start',
    ].join('\n')}\n`,
  );
}
