import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { BRIDGE } from './machine.ts';

const LOOK_EVERY_MS = 250;
const SAY_AFTER_MS = 10_000;
/** Then the machine is switched on all the same, and shows on its console what it meets. */
const READY_WITHIN_MS = 60_000;

type Say = (line: string) => void;

/** The own bridge's address, as soon as dhcp has made it. */
export async function bridgeAddress(say: Say, signal: AbortSignal): Promise<string> {
  for (let waited = 0; ; waited += LOOK_EVERY_MS) {
    const address = networkInterfaces()[BRIDGE]?.find(({ family }) => family === 'IPv4')?.address;
    if (address !== undefined) return address;
    if (waited === SAY_AFTER_MS)
      say(`Waits for the bridge ${BRIDGE}, which dhcp makes; what keeps it: docker compose logs dhcp`);
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

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
