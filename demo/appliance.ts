import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { BRIDGE } from './machine.ts';

const LOOK_EVERY_MS = 250;
const SAY_AFTER_MS = 10_000;
/** Then the machine is switched on all the same, and shows on its console what it meets. */
const READY_WITHIN_MS = 60_000;

type Say = (line: string) => void;

/** The own bridge's address, as soon as dhcp has made it. */
export async function bridgeAddress(say: Say, signal: AbortSignal): Promise<string> {
  for (let waited = 0; ; waited += LOOK_EVERY_MS) {
    const address = await addressNow();
    if (address !== undefined) return address;
    if (waited === SAY_AFTER_MS)
      say(`Waits for the bridge ${BRIDGE}, which dhcp makes; what keeps it: docker compose logs dhcp`);
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** Not by os.networkInterfaces(): that leaves out a bridge into which nothing is plugged. */
async function addressNow(): Promise<string | undefined> {
  const show = ['-json', '-4', 'address', 'show', 'dev', BRIDGE];
  const shown = await promisify(execFile)('ip', show).catch(() => undefined);
  return (JSON.parse(shown?.stdout || '[]') as Shown)[0]?.addr_info?.[0]?.local;
}

type Shown = readonly { readonly addr_info?: readonly { readonly local?: string }[] }[];

/** Waits until the http service has something to boot. */
export async function untilReady(page: string, say: Say, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < READY_WITHIN_MS; waited += LOOK_EVERY_MS) {
    const answer = await fetch(new URL('healthz', page), { signal }).catch(() => undefined);
    signal.throwIfAborted();
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
  say(
    `${page} is not ready to boot a machine (docker compose logs http says why); the machine is switched on all the same.`,
  );
}
