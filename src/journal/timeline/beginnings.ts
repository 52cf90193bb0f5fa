import type { Asker } from '../../boot/client.ts';
import type { Boot } from './boot.ts';

/** Firmware's own retries are 4 to 32 s apart (PXE 2.1 §2.4.9); one that pauses for longer was started anew. */
const RETRY_WITHIN_MS = 60_000;
/** iPXE comes from the loader that was fetched: it starts, waits for the link and for IPv6 routers, and asks card after card. */
const IPXE_WITHIN_MS = 10 * 60_000;
/** UEFI asks for an address of its own beside its PXE client; a machine that has really booted something is not back so soon. */
const NOT_BACK_WITHIN_MS = 10_000;

/** Whether whoever asks from the start (DISCOVER) is still at the same attempt. */
export function retries(boot: Boot, client: Asker, at: number): boolean {
  if (isOver(boot, at)) return false;
  if (followsLoader(boot, client)) return at - boot.to < IPXE_WITHIN_MS;
  return sameProgram(boot, client) && at - boot.to < RETRY_WITHIN_MS && !hasMovedOn(boot);
}

/** Whether another message of its DHCP belongs to the attempt: it is no beginning, though the beginning may not have been seen. */
export function continues(boot: Boot, client: Asker, at: number): boolean {
  if (followsLoader(boot, client)) return at - boot.to < IPXE_WITHIN_MS;
  return sameProgram(boot, client);
}

function followsLoader(boot: Boot, client: Asker): boolean {
  return client.firmware === 'ipxe' && boot.firmware !== 'ipxe' && boot.firmware !== 'raspberry-pi';
}

function sameProgram(boot: Boot, { firmware, architecture }: Asker): boolean {
  return boot.firmware === firmware && boot.architecture === architecture;
}

/** Something came of its address: what asks for one again was started over, or goes on to its next way to boot. */
function hasMovedOn({ firmware, files, asked }: Boot): boolean {
  return files.length > 0 || (firmware !== 'ipxe' && asked.ipxe !== undefined);
}

function isOver({ system, ended }: Boot, at: number): boolean {
  return ended !== undefined || (system !== undefined && at - system.at > NOT_BACK_WITHIN_MS);
}
