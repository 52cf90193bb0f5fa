import { randomBytes, randomInt } from 'node:crypto';
import type { Profile } from '../../../config/profile.ts';
import { Probe } from '../../../dhcp/probe.ts';
import { throwAwayMac } from '../../../dhcp/probe-messages.ts';
import { type ForeignServer, inWords } from '../../../journal/foreign-events.ts';
import { systemClock } from '../../../platform/clock.ts';
import { askControl } from '../../../platform/control-client.ts';
import { controlSocket } from '../../../platform/control-protocol.ts';
import type { DatagramSocket } from '../../../platform/udp.ts';
import type { ReportLine } from '../../report.ts';
import { check, type Patient } from '../check.ts';
import { intoEnv } from '../mending.ts';

export interface ServerFacts {
  readonly adapter: string;
  /** As dhcp runs; or would, with these settings. */
  readonly mode: Profile['mode'];
  readonly found: readonly ForeignServer[];
}

export const servers = check('servers', 'Other servers', gather, judge);

/** A look takes 5 s where nobody answers; what takes much longer is ended from outside. */
const ANSWER_MS = 7000;

/** dhcp holds port 67, and is asked to look; where it does not run, this asks as a machine does. */
async function gather({ resolution, health, paths, stop }: Patient): Promise<ServerFacts> {
  if (resolution.state !== 'ready') throw new Error('the adapter or its address is not there, see above');
  const { profile } = resolution;
  const { adapter } = profile;
  if (!adapter.up) throw new Error(`${adapter.name} is down, see above`);
  const running = health.dhcp;
  const mode = 'reason' in running ? profile.mode : (running.mode ?? profile.mode);
  const found = 'reason' in running ? await askAsClient(profile, stop) : await askService(paths.state);
  return { adapter: adapter.name, mode, found };
}

async function askService(state: string): Promise<readonly ForeignServer[]> {
  const { status, body } = await askControl({
    file: controlSocket(state, 'dhcp'),
    service: 'dhcp',
    method: 'POST',
    path: '/servers',
    timeoutMs: ANSWER_MS,
  });
  if (status === 200 && Array.isArray(body)) return body as ForeignServer[];
  throw new Error(String((body as { error?: unknown } | undefined)?.error ?? 'dhcp does not tell'));
}

function cannot(): never {
  throw new Error('dhcp does not run, and UDP port 68 is not to be had, so nobody can be asked');
}

function askAsClient(profile: Profile, stop: AbortSignal): Promise<readonly ForeignServer[]> {
  const server: DatagramSocket = {
    port: 0,
    fd: -1,
    arena: Buffer.alloc(0),
    reserve: cannot,
    send: cannot,
    flush: () => undefined,
    close: () => Promise.resolve(),
  };
  const prober = { mac: throwAwayMac(randomBytes(6)), xid: randomInt(2 ** 32) };
  return new Probe({ profile, prober, clock: systemClock, sink: () => undefined, server }).run(stop);
}

export function judge({ adapter, mode, found }: ServerFacts): ReportLine[] {
  const givers = found.filter(({ offered }) => offered);
  const boots = found.filter((one) => one.boots.length > 0);
  const others: ReportLine[] = boots
    .filter((one) => mode !== 'server' || !one.offered)
    .map((one) => ({
      state: 'fail',
      what: 'boot server',
      detail: `${inWords(one)}: machines take one or the other`,
      remedy:
        'take its boot options away (66 and 67, "next-server", "dhcp-boot", "pxe-service"), or stop that server',
    }));
  if (mode === 'server')
    return [
      ...givers.map(
        (one): ReportLine => ({
          state: 'fail',
          what: 'DHCP server',
          detail: `${inWords(one)}: machines take one or the other`,
          remedy: 'switch that one off; or leave the addresses to it, and tell machines only what to boot',
          command: intoEnv('MODE=proxy'),
        }),
      ),
      ...others,
      ...(found.length === 0 ? [nobody(adapter)] : []),
    ];
  if (givers.length === 0 && mode === 'proxy')
    return [
      {
        state: 'fail',
        what: 'DHCP server',
        detail: `MODE=proxy, but no server that gives addresses has answered on ${adapter}: machines get none`,
        remedy: 'start that server; or let this one give the addresses',
        command: intoEnv('MODE=server'),
      },
      ...others,
    ];
  if (found.length === 0) return [nobody(adapter)];
  return [
    ...givers.map((one): ReportLine => ({ state: 'ok', what: 'DHCP server', detail: inWords(one) })),
    ...others,
  ];
}

function nobody(adapter: string): ReportLine {
  return { state: 'ok', what: 'other servers', detail: `none has answered on ${adapter}` };
}
