import type { Asker } from '../../boot/client.ts';
import type { Plan } from '../../boot/plan.ts';
import { formatIpv4, type Ipv4 } from '../../protocol/ipv4.ts';
import type { DhcpEvent } from '../dhcp-events.ts';
import { type Asking, type Boot, newAsking, type Phase, remarkOn } from './boot.ts';
import { loadedAll } from './loaded.ts';

/** Events with who asked. */
export type AskedEvent = Extract<DhcpEvent, { client: Asker }>;

/** "from the start": a program begins its DHCP with it. */
export function beginsAsking(event: DhcpEvent): boolean {
  return (
    event.kind === 'dhcp.discover' ||
    event.kind === 'dhcp.unknown-relay' ||
    (event.kind === 'dhcp.proxy-request' && event.message === 'DISCOVER')
  );
}

/** What firmware or iPXE asked, or was answered. */
export function foldBooting(boot: Boot, event: AskedEvent, at: number): void {
  const phase: Phase = event.client.firmware === 'ipxe' ? 'ipxe' : 'firmware';
  boot.asked[phase] ??= newAsking(at);
  const asking = boot.asked[phase];
  boot.phase = phase;
  asking.from = Math.min(asking.from, at);
  // It is at its boot: whoever asked in between was not the system.
  if (boot.system && !loadedAll(boot)) delete boot.system;
  if ('relay' in event && event.relay !== undefined) boot.relay = formatIpv4(event.relay);
  if (event.kind === 'dhcp.unknown-relay') remarkOn(boot, event, at);
  note(asking, event, at);
  if (asking.address !== undefined) boot.address = asking.address;
}

function note(asking: Asking, event: AskedEvent, at: number): void {
  switch (event.kind) {
    case 'dhcp.discover':
    case 'dhcp.unknown-relay':
      asking.discovers += 1;
      again(asking, at);
      break;
    case 'dhcp.proxy-request':
      if (event.message === 'DISCOVER') asking.discovers += 1;
      else asking.requests += 1;
      break;
    case 'dhcp.offer':
      asking.offers += 1;
      planned(asking, event.plan);
      break;
    case 'dhcp.request':
      asking.requests += 1;
      again(asking, at);
      break;
    case 'dhcp.ack':
      asking.plan = event.plan;
      acknowledged(asking, event.address, at);
      break;
    case 'dhcp.boot-answer':
      asking.bootAnswers += 1;
      planned(asking, event.plan);
      break;
    case 'dhcp.address-elsewhere':
      asking.server = event.server === undefined ? '' : formatIpv4(event.server);
      acknowledged(asking, event.address, at);
      break;
  }
}

/** Who has got an ACK does something with it, and asks anew only when that has failed, which takes longer. */
const SOON_MS = 12_000;

function again(asking: Asking, at: number): void {
  if (asking.lastAck !== undefined && at - asking.lastAck < SOON_MS) asking.askedAgainSoon += 1;
}

function planned(asking: Asking, plan: Plan): void {
  if (asking.acks === 0 || asking.plan === undefined) asking.plan = plan;
}

function acknowledged(asking: Asking, address: Ipv4, at: number): void {
  asking.acks += 1;
  asking.lastAck = Math.max(asking.lastAck ?? at, at);
  asking.address = formatIpv4(address);
}

/** After so much silence a DHCP client is no consequence of the attempt any more, whatever it loaded. */
const SYSTEM_WITHIN_MS = 60 * 60_000;
const OTHER_SYSTEM_WITHIN_MS = 10 * 60_000;

/** What an ordinary DHCP client of the machine asked: the system that was booted, here or elsewhere. @returns whether it is part of the attempt. */
export function foldSystem(boot: Boot, event: AskedEvent, at: number): boolean {
  const within = loadedAll(boot) ? SYSTEM_WITHIN_MS : OTHER_SYSTEM_WITHIN_MS;
  const asks = event.kind === 'dhcp.discover' || event.kind === 'dhcp.address-elsewhere' || isFresh(event);
  const answered = event.kind === 'dhcp.ack' || event.kind === 'dhcp.address-elsewhere';
  if (!boot.system) {
    if (!asks || at - boot.to > within) return false;
    boot.system = { at };
  }
  boot.phase = 'system';
  if (boot.system.ackAt !== undefined || at - boot.system.at > OTHER_SYSTEM_WITHIN_MS) return false;
  if (answered) {
    boot.system.ackAt = Math.max(at, boot.system.at);
    boot.system.address = formatIpv4(event.address);
    boot.address = boot.system.address;
  }
  return true;
}

/** A system that remembers its address asks for it outright; one that extends its lease has long been running. */
function isFresh(event: AskedEvent): boolean {
  return event.kind === 'dhcp.request' && event.state !== 'extending';
}
