import type { Profile } from '../../../config/profile.ts';
import { BROADCAST, formatSubnet, type Ipv4, UNSPECIFIED } from '../../../protocol/ipv4.ts';

/** A packet that has to get through for machines to boot, as a packet filter sees it. */
export interface Packet {
  /** What it is for, in words. */
  readonly about: string;
  /** 'through': between two ports of the bridge that is served. */
  readonly way: 'in' | 'out' | 'through';
  readonly adapter: string;
  readonly protocol: 'udp' | 'tcp';
  readonly source: Ipv4;
  readonly destination: Ipv4;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly cast: 'broadcast' | 'unicast';
  readonly state: 'new' | 'established';
  /** The port of ours that it comes to, or from. */
  readonly port: number;
}

/** Any port that a machine may ask from. */
const FROM = 49_152;

/** Questions to the services and their answers; `bridged`: what passes between machines on the ports of a bridge. */
export function packetsOf(profile: Profile, bridged: boolean): Packet[] {
  const { adapter, httpPort, mode, pool, subnets } = profile;
  const machine = pool.count > 0 ? pool.first : adapter.address + 1;
  const asked = { adapter: adapter.name, destination: adapter.address, source: machine } as const;
  const dhcp = {
    ...asked,
    protocol: 'udp',
    source: UNSPECIFIED,
    destination: BROADCAST,
    cast: 'broadcast',
    sourcePort: 68,
    destinationPort: 67,
    state: 'new',
    port: 67,
  } as const;
  const ask = (about: string, protocol: 'udp' | 'tcp', port: number): Packet => ({
    ...asked,
    about,
    way: 'in',
    protocol,
    sourcePort: FROM,
    destinationPort: port,
    cast: 'unicast',
    state: 'new',
    port,
  });
  const questions: Packet[] = [
    { ...dhcp, about: 'machines that ask for an address', way: 'in' },
    ask('machines that load iPXE', 'udp', 69),
    ask('machines that load the kernel', 'tcp', httpPort),
    ...(mode === 'server' ? [] : [ask('machines that ask the boot server', 'udp', 4011)]),
    ...subnets.map(({ subnet }) => ({
      ...ask(`relays of ${formatSubnet(subnet)}`, 'udp', 67),
      source: subnet.network + 1,
      sourcePort: 67,
    })),
  ];
  const between: Packet[] =
    bridged && mode !== 'server'
      ? [{ ...dhcp, about: 'machines that ask the other DHCP server, through the bridge', way: 'through' }]
      : [];
  return [...questions, ...questions.map((question) => answerTo(question, profile)), ...between];
}

function answerTo(question: Packet, { adapter }: Profile): Packet {
  const broadcast = question.cast === 'broadcast';
  return {
    ...question,
    about: `answers to ${question.about}`,
    way: 'out',
    source: adapter.address,
    destination: broadcast ? BROADCAST : question.source,
    sourcePort: question.destinationPort,
    destinationPort: question.sourcePort,
    // The kernel does not connect a broadcast with its answer.
    state: broadcast ? 'new' : 'established',
  };
}
