import type { Client } from '../boot/client.ts';
import { describe } from '../boot/describe.ts';
import type { Plan } from '../boot/plan.ts';
import type { DhcpEvent } from '../journal/dhcp-events.ts';
import type { Preview } from '../leases/book.ts';
import type { Lease } from '../leases/lease.ts';
import { CLIENT_PORT, OPTION } from '../protocol/dhcp/codes.ts';
import { textOf } from '../protocol/dhcp/options.ts';
import type { Packet } from '../protocol/dhcp/packet.ts';
import { BROADCAST, formatIpv4, formatSubnet } from '../protocol/ipv4.ts';
import { architecture } from '../protocol/pxe/architecture.ts';
import type { Destination } from './destination.ts';
import { linkOf, type Scope } from './scope.ts';

/** What it is taken for, and by which of its options. */
export function classified(client: Client, { options }: Packet): string {
  const vendorClass = textOf(options, OPTION.vendorClass);
  const shown = vendorClass === undefined ? 'it sends no option 60' : `its option 60 is "${vendorClass}"`;
  const arch =
    client.architecture === undefined
      ? 'no option 93, so that of an old BIOS counts'
      : `option 93 is ${client.architecture}, ${architecture(client.architecture).name}`;
  const by: Record<Client['firmware'], string> = {
    ipxe: `${options.has(OPTION.ipxe) ? "it sends option 175, iPXE's own" : 'its user class (option 77) is iPXE'}, which counts more than option 60`,
    'raspberry-pi': `${shown}, and option 97 or its hardware address is that of a Raspberry Pi`,
    pxe: `${shown}, and ${arch}`,
    http: `${shown}, and ${arch}`,
    other: vendorClass === undefined ? shown : `${shown}, which is no firmware's`,
  };
  return `It is taken for ${describe(client)}: ${by[client.firmware]}.`;
}

/** Which subnet it is on, and by what that is known. */
export function located(request: Packet, scope: Scope): string {
  const subnet = formatSubnet(scope.subnet);
  if (request.giaddr === 0)
    return `It came through no relay, so it is on the adapter's own subnet, ${subnet}.`;
  return `Its relay, ${formatIpv4(request.giaddr)}, speaks for ${formatIpv4(linkOf(request))}, which lies in ${subnet}: the pool and the router of that subnet count.`;
}

type Chosen = Exclude<Preview, { why: 'later' }>;

/** Why it is offered this address. */
export function addressed({ address, why }: Chosen, lease: Lease | undefined, now: number): string {
  const reasons: Record<Chosen['why'], string> = {
    own:
      lease?.state === 'bound' && lease.expires > now
        ? 'it has a lease on it'
        : 'it had it before, and nobody else has needed it since',
    offered: 'it was offered it just now, and an offer is kept for a minute',
    wished: 'it asks for it (option 50), and nobody had it',
    unused: 'it has none yet, and this is the next one of the pool that nobody has',
    lapsed: 'the pool is used up, and this one was offered to somebody who did not take it',
    abandoned: 'the pool is used up, and whoever was offered this one has not come back for it',
    expired: 'the pool is used up, and of the leases that are over this one is over the longest',
  };
  return `It is offered ${formatIpv4(address)}: ${reasons[why]}.`;
}

/** Why it keeps this address; undefined where it was not given one for good. */
export function acknowledged(
  events: readonly DhcpEvent[],
  lease: Lease | undefined,
  now: number,
): string | undefined {
  const ack = events.find((event) => event.kind === 'dhcp.ack');
  if (!ack) return undefined;
  const held = lease?.address === ack.address && lease.state === 'bound' && lease.expires > now;
  const why = held ? 'it has a lease on it' : 'it asks for it, and nobody else has it';
  const time = ack.probation
    ? 'NEW_LEASE_TIME, since addresses are short and it is new here; when it asks again it gets LEASE_TIME'
    : 'LEASE_TIME';
  return `It is given ${formatIpv4(ack.address)} for ${ack.seconds} s (${time}): ${why}.`;
}

/** What it shall load, and why that; undefined where its event says so already. */
export function planned(plan: Plan, client: Client): string | undefined {
  const { name: machines, loader } = architecture(client.architecture ?? 0);
  switch (plan.kind) {
    case 'none':
      return 'It does not want to boot from the network: it gets no boot file.';
    case 'loader':
      return `It is sent to the loader ${plan.file} by TFTP, since that is what ${machines} runs (LOADER_${loader?.toUpperCase()} in .env).`;
    case 'http-loader':
      return `It is sent to the loader at ${plan.url}, since that is what ${machines} runs; HTTP Boot takes URLs alone.`;
    case 'script':
      return `It is sent to the script ${plan.url} and to no loader: it is iPXE already, and another one would go round in circles${plan.url.startsWith('tftp:') ? '. By TFTP, since its option 175 lists no HTTP' : ''}.`;
    case 'raspberry-pi':
      return 'Option 43 names this server to it: a Raspberry Pi then fetches its own files by TFTP, from the folder of its serial number.';
    case 'no-loader':
      return undefined;
  }
}

/** Where in the answer the boot file stands; undefined where there is none. */
export function placed(reply: Packet): string | undefined {
  const places = [
    ...(reply.file ? ['in the field "file"'] : []),
    ...(reply.options.has(OPTION.bootFileName) ? ['in option 67'] : []),
  ];
  const server =
    reply.siaddr === 0 ? '' : `; the field "siaddr" names the server, ${formatIpv4(reply.siaddr)}`;
  if (places.length > 0) return `The boot file stands ${places.join(' and ')}${server}.`;
  return reply.siaddr === 0 ? undefined : `The field "siaddr" names the server, ${formatIpv4(reply.siaddr)}.`;
}

/** Which of the options it asks for are not sent, and why. */
export function restrained({ options }: Packet): string {
  return options.has(OPTION.parameterList)
    ? 'Of router, DNS and domain it is told what it asks for in option 55; mask, lease time and server always.'
    : 'It sends no option 55, so it is told everything.';
}

export function destinationText({ address, port }: Destination): string {
  return `${formatIpv4(address)}:${port}`;
}

export function sent({ address, port, hardware }: Destination, request: Packet): string {
  const to = formatIpv4(address);
  if (request.giaddr !== 0) return `The answer goes to the relay, ${to} port ${port}, which passes it on.`;
  if (address === BROADCAST)
    return `The answer is broadcast to port ${CLIENT_PORT}: it has no address yet, and its broadcast flag asks for that.`;
  return hardware
    ? `The answer goes straight to its hardware address, for ${to} port ${port}.`
    : `The answer goes to ${to} port ${port}.`;
}
