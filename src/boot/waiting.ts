import type { Choice } from '../assets/choose.ts';
import { formatIpv4, type Ipv4 } from '../protocol/ipv4.ts';
import { fingerprint } from './script-mark.ts';

/** Seconds until a machine that cannot boot looks again. */
export const LOOK_AGAIN = 5;

/**
 * What a machine that cannot boot yet shows on its screen, a paragraph each. It comes back every few seconds: by the version the
 * same text is shown once.
 *
 * @param shell the key and the shell that it opens: "Ctrl-C opens the iPXE shell".
 */
export function waitingText(
  server: Ipv4,
  choice: Choice & { ready: false },
  shell: string,
): { paragraphs: readonly string[]; version: string } {
  const paragraphs = [
    '',
    `remoteboot on ${formatIpv4(server)}: this machine cannot boot yet.`,
    `${choice.reason[0]?.toUpperCase()}${choice.reason.slice(1)}.`,
    `What to do on that server: ${choice.remedy}.`,
    '',
    `This machine looks again every ${LOOK_AGAIN} seconds. ${shell}.`,
    '',
  ];
  return { paragraphs, version: fingerprint(paragraphs.join('\n')).slice(0, 12) };
}
