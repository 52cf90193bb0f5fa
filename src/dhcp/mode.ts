import type { Profile } from '../config/profile.ts';
import type { Sink } from '../journal/event.ts';
import type { ForeignServer } from '../journal/foreign-events.ts';
import type { ServedMode } from './foreign-watch.ts';
import type { Probe } from './probe.ts';

/** How the adapter is served, and which other servers the choice was made by. */
export interface ChosenMode {
  readonly mode: ServedMode;
  readonly known?: readonly ForeignServer[];
}

/**
 * MODE=auto looks before anybody is given an address: where another server gives them, this one is a proxy. A lone ProxyDHCP server
 * gives none, so addresses are served beside it.
 * @throws Error where nobody can be asked, since silence would be no answer; AbortError when stopped.
 */
export async function chooseMode(
  { mode, adapter, authoritative }: Pick<Profile, 'mode' | 'adapter' | 'authoritative'>,
  probe: Pick<Probe, 'run'>,
  sink: Sink,
  stop: AbortSignal,
): Promise<ChosenMode> {
  if (mode !== 'auto') return { mode };
  // Taken for a network without a server, it would become the second one as soon as the cable is in.
  if (!adapter.carrier && !authoritative)
    throw new Error(
      `MODE=auto looks for other DHCP servers first, and ${adapter.name} has no carrier (no cable, or nothing at its other end)`,
    );
  const known = await probe.run(stop);
  const givers = known.filter(({ offered }) => offered);
  const chosen = givers.length > 0 ? 'proxy' : 'server';
  sink({ kind: 'dhcp.mode-chosen', mode: chosen, adapter: adapter.name, servers: givers });
  return { mode: chosen, known };
}
