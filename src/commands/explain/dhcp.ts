import path from 'node:path';
import { LoaderPresence } from '../../assets/loader-presence.ts';
import type { Explanation, Overheard } from '../../boot/explanation.ts';
import type { Profile } from '../../config/profile.ts';
import type { Answering } from '../../dhcp/explain.ts';
import { operatorRoutes } from '../../dhcp/operator.ts';
import { restoreLeases } from '../../dhcp/scope.ts';
import { localSettings, scopesOf } from '../../dhcp/scopes.ts';
import { JournalReader } from '../../journal/store/journal-reader.ts';
import { LEASE_FILE } from '../../leases/lease.ts';
import { readLeases } from '../../leases/read-leases.ts';
import { isLocalAddress } from '../../platform/adapters.ts';
import { askControl } from '../../platform/control-client.ts';
import { ControlTrouble, controlSocket } from '../../platform/control-protocol.ts';
import type { Question } from './questions.ts';

export type Ask = (question: Question & { like?: readonly Overheard[] }) => Promise<Explanation>;

/** Who answers, and what to know of that. */
export interface Dhcp {
  readonly ask: Ask;
  readonly basis: 'running' | 'settings';
  /** A sentence. */
  readonly said: string;
}

const ANSWER_MS = 3000;

/** The service that runs, or, where none does, its engine with the settings and leases as they are. */
export async function dhcpOf(profile: Profile, now: () => number): Promise<Dhcp> {
  const call = (body: unknown) =>
    askControl({
      file: controlSocket(profile.paths.state, 'dhcp'),
      service: 'dhcp',
      method: 'POST',
      path: '/explain',
      body,
      timeoutMs: ANSWER_MS,
    });
  // Any question finds out whether it runs and serves.
  const { status } = await call({ mac: '02:00:00:00:00:00' });
  if (status === 200) {
    const ask: Ask = async (question) => {
      const answer = await call(question);
      if (answer.status === 200) return answer.body as Explanation;
      const { error, remedy } = answer.body as { error: string; remedy: string };
      throw new ControlTrouble(answer.status, error, remedy);
    };
    return { ask, basis: 'running', said: 'The dhcp service that runs was asked.' };
  }
  const { answering, said } = await unserved(profile);
  const routes = operatorRoutes({ answering, sink: () => undefined, now });
  return {
    ask: async (question) => routes['POST /explain']!(question) as Explanation,
    basis: 'settings',
    said,
  };
}

async function unserved(profile: Profile): Promise<{ answering: Answering; said: string }> {
  const presence = new LoaderPresence(profile.loaders, profile.paths);
  await presence.look();
  const elsewhere =
    !isLocalAddress(profile.addresses.tftp) && profile.addresses.tftp !== profile.addresses.dhcp;
  const hasLoader = (architecture: Parameters<LoaderPresence['has']>[0]) =>
    elsewhere || presence.has(architecture);
  const mode = profile.mode === 'auto' ? chosenLast(profile.paths.state) : profile.mode;
  const supposed = profile.mode === 'auto' ? `, with MODE=auto coming to ${mode} as it last did` : '';
  if (mode === 'proxy')
    return {
      answering: { mode, settings: localSettings(profile, hasLoader) },
      said: `No dhcp service runs here: this is worked out from the settings${supposed}.`,
    };
  const scopes = scopesOf(profile, hasLoader, Math.random);
  const file = path.join(profile.paths.state, LEASE_FILE);
  const read = tryLeases(file);
  restoreLeases(scopes, read.leases);
  const leases =
    read.problem === undefined
      ? `from the settings and the ${read.leases.length} leases in ${file}`
      : `from the settings alone: ${file} cannot be read (${read.problem})`;
  return {
    answering: { mode: 'server', scopes },
    said: `No dhcp service runs here: this is worked out ${leases}${supposed}.`,
  };
}

function tryLeases(file: string): { leases: ReturnType<typeof readLeases>; problem?: string } {
  try {
    return { leases: readLeases(file) };
  } catch (error) {
    return { leases: [], problem: (error as Error).message };
  }
}

const RECENT = 2000;

/** What MODE=auto came to at the last start, as far as the journal tells. */
function chosenLast(state: string): 'server' | 'proxy' {
  const reader = new JournalReader(state, Date.now);
  try {
    const events = reader.recent({ service: 'dhcp', limit: RECENT }).map(({ event }) => event);
    return events.findLast((event) => event.kind === 'dhcp.mode-chosen')?.mode ?? 'server';
  } finally {
    reader.close();
  }
}
