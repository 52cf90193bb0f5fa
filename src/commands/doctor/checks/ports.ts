import type { Profile } from '../../../config/profile.ts';
import type { Service } from '../../../config/resolve.ts';
import { isLocalAddress } from '../../../platform/adapters.ts';
import { groupOfId, groupOfProcess, type Unit, unitOf } from '../../../platform/control-group.ts';
import { type Holder, holdersOf } from '../../../platform/port-holder.ts';
import { type BoundSocket, listSockets } from '../../../platform/socket-diag.ts';
import { formatIpv4 } from '../../../protocol/ipv4.ts';
import type { ReportLine } from '../../report.ts';
import { check, type Patient } from '../check.ts';
import { quoted } from '../mending.ts';

/** A port that a service takes, and who has it. */
export interface PortFacts {
  readonly service: Service;
  readonly protocol: 'UDP' | 'TCP';
  readonly port: number;
  /** The service answers, and does not say that the port is taken. */
  readonly ours: boolean;
  /** Sockets that keep ours away, or are ours. */
  readonly held: readonly Held[];
  readonly needed: boolean;
}

export interface Held {
  readonly socket: BoundSocket;
  readonly holders: readonly Holder[];
  readonly unit: Unit | undefined;
}

export const ports = check('ports', 'Ports', gather, (facts) => facts.map(judge));

async function gather(patient: Patient): Promise<PortFacts[]> {
  const { resolution, settings } = patient;
  if (resolution.state !== 'ready') throw new Error('the adapter or its address is not there, see above');
  const { profile } = resolution;
  const sockets = listSockets();
  const wanted = [
    { service: 'dhcp', protocol: 'UDP', port: 67 },
    { service: 'dhcp', protocol: 'UDP', port: 4011 },
    { service: 'tftp', protocol: 'UDP', port: 69 },
    { service: 'http', protocol: 'TCP', port: settings.HTTP_PORT },
  ] as const;
  return wanted.map(({ service, protocol, port }) => {
    const health = patient.health[service];
    const taken = new RegExp(`\\bport ${port} is taken`);
    const ours = !('reason' in health) && !health.problems.some((problem) => taken.test(problem));
    const held = sockets
      .filter((one) => one.protocol === protocol && one.port === port && clashes(one, service, profile))
      .map(heldBy);
    const needed = port !== 4011 || profile.mode === 'proxy';
    return { service, protocol, port, ours, held, needed };
  });
}

/** dhcp binds to the adapter and every address, the others to one address and every adapter. */
function clashes({ adapter, address }: BoundSocket, service: Service, profile: Profile): boolean {
  if (service === 'dhcp') return adapter === 0 || adapter === profile.adapter.index;
  const own = profile.addresses[service];
  const served = isLocalAddress(own) ? own : profile.adapter.address;
  return address === 0 || address === served;
}

function heldBy(socket: BoundSocket): Held {
  const holders = holdersOf(socket.inode);
  const [first] = holders;
  const group = first ? groupOfProcess(first.pid) : socket.cgroup && groupOfId(socket.cgroup);
  return { socket, holders, unit: group ? unitOf(group) : undefined };
}

/** One that belongs to a service is found first, since ours is exclusive: a second socket beside it does not keep it away. */
export function judge({ service, protocol, port, ours, held, needed }: PortFacts): ReportLine {
  const what = `${protocol} ${port}`;
  const [first] = held;
  if (!first)
    return ours
      ? { state: needed ? 'warn' : 'note', what, detail: `${service} runs, but has not opened it yet` }
      : { state: 'ok', what, detail: `free for ${service}` };
  if (ours) return { state: 'ok', what, detail: `${service} has it` };
  return {
    state: needed ? 'fail' : 'warn',
    what,
    detail: `held by ${inWords(first)}; ${service} waits for it`,
    ...mending(first, protocol, port),
  };
}

function inWords({ socket, holders, unit }: Held): string {
  const where = `${socket.address === 0 ? 'every address' : formatIpv4(socket.address)}`;
  const names = holders.map(({ name, pid }) => `${name} (pid ${pid})`).join(' and ');
  const of = unit ? (unit.kind === 'service' ? `the systemd unit ${unit.name}` : `container ${unit.id}`) : '';
  const who = [names, of].filter(Boolean).join(' of ') || `a program of user id ${socket.uid}`;
  return `${who}, on ${where}`;
}

function mending({ holders, unit }: Held, protocol: 'UDP' | 'TCP', port: number) {
  if (holders.some(({ name }) => name === 'docker-proxy'))
    return {
      remedy: 'a container publishes this port; stop it, or have it publish the port on another address',
      command: `docker stop $(docker ps --quiet --filter publish=${port}/${protocol.toLowerCase()})`,
    };
  if (unit?.kind === 'service')
    return {
      remedy: 'stop it, or keep it off this adapter',
      command: `sudo systemctl disable --now ${quoted(unit.name)}`,
    };
  if (unit?.kind === 'container') return { remedy: 'stop that container', command: `docker stop ${unit.id}` };
  if (holders[0])
    return {
      remedy: 'stop that program, or keep it off this adapter',
      command: `sudo kill ${holders[0].pid}`,
    };
  return {
    remedy: 'its name cannot be seen from inside a container; this tells it',
    command: `sudo ss -l${protocol === 'UDP' ? 'u' : 't'}np 'sport = :${port}'`,
  };
}
