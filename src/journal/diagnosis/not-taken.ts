import { formatIpv4 } from '../../protocol/ipv4.ts';
import type { ForeignServer } from '../foreign-events.ts';
import { WAITS } from './deadlines.ts';
import { atDhcpStage, type Signature, signature, suspectUntilOver } from './signature.ts';
import { askerText, bootsText, listText, serverText } from './words.ts';

/** One answer may be lost; what is lost again and again does not get through. */
const AGAIN = 2;
/** Firmware asks four times at most before it gives up (PXE 2.1 §2.4.9). */
const IN_VAIN = 4;

/** Its DHCP was answered, and it did not take the answer. */
export const notTaken: readonly Signature[] = [
  signature({
    code: 'other-server-won',
    stage: atDhcpStage,
    certainty: 'failed',
    matches: (facts) => {
      const other = facts.remark('dhcp.other-server');
      const isLast = other && facts.atDhcp && !facts.ackedSince(other.at);
      return isLast && facts.silent(WAITS.settle) ? other.event.server : undefined;
    },
    cause: (server, { boot }) =>
      `Another DHCP server won: ${askerText(boot)} took the offer of ${serverText(server, boot.around.foreign)}${bootsText(server, boot.around.foreign)}, and left ours`,
    remedy: () =>
      'Switch one of the two off for this network, or let the other one give the addresses and this one the boot files: MODE=proxy in .env, then docker compose up -d',
  }),
  signature({
    code: 'nak-loop',
    stage: atDhcpStage,
    certainty: suspectUntilOver,
    matches: (facts) => {
      const nak = facts.remark('dhcp.nak');
      if (!nak || !facts.atDhcp || facts.ackedSince(nak.at)) return undefined;
      return nak.count >= AGAIN || facts.silent(WAITS.request) ? nak : undefined;
    },
    cause: ({ event, count }) =>
      `It asks for ${formatIpv4(event.address)} and was refused ${count === 1 ? 'once' : `${count} times`}, with the NAK "${event.reason}"`,
    remedy: (_, { boot }) =>
      `${others(boot.around.foreign, 'keeps giving it that address')}: switch that one off for this network, or set MODE=proxy in .env. Until then, switching the machine off and on makes it forget`,
  }),
  signature({
    code: 'address-declined',
    stage: atDhcpStage,
    certainty: suspectUntilOver,
    matches: (facts) => {
      const decline = facts.remark('dhcp.decline');
      if (!decline || !facts.atDhcp || facts.ackedSince(decline.at)) return undefined;
      return decline.count >= AGAIN || facts.silent(WAITS.settle) ? decline.event : undefined;
    },
    cause: ({ address }) =>
      `It was given ${formatIpv4(address)} and declined it: something else on the network already uses that address`,
    remedy: ({ address }, { boot }) =>
      `Find the other one with arping -I ${boot.around.profiles.dhcp?.adapter.name ?? 'ADAPTER'} ${formatIpv4(address)} and give it an address outside the pool, or move the pool with START_ADDRESS in .env`,
  }),
  signature({
    code: 'ack-lost',
    stage: atDhcpStage,
    certainty: suspectUntilOver,
    matches: (facts) => {
      const { asking } = facts;
      return asking && facts.atDhcp && asking.askedAgainSoon >= AGAIN ? asking : undefined;
    },
    cause: ({ acks, address }, { boot }) =>
      `${acks === 1 ? 'An ACK' : `${acks} ACKs`} of ${address} left for it, but ${askerText(boot)} asks again and again: they do not reach it`,
    remedy: (_, { boot }) =>
      boot.relay
        ? `See that UDP 67 gets from this host to the relay ${boot.relay}, and that there is a route to it (ip route get ${boot.relay})`
        : 'See that no firewall drops outgoing UDP 68, and no switch (DHCP snooping) takes this host for a rogue server: its port has to be trusted',
  }),
  signature({
    code: 'offer-not-taken',
    stage: atDhcpStage,
    certainty: suspectUntilOver,
    matches: (facts) => {
      const { asking, boot } = facts;
      if (!asking || asking.offers === 0 || asking.requests + asking.acks > 0 || !facts.atDhcp)
        return undefined;
      if (boot.system || boot.remarks.has('dhcp.other-server')) return undefined;
      return asking.discovers >= IN_VAIN || facts.silent(WAITS.request) ? asking : undefined;
    },
    cause: ({ offers }, { boot }) =>
      `${capital(askerText(boot))} was made ${offers === 1 ? 'an offer' : `${offers} offers`} and took none: the offer does not reach it, or it takes another server's`,
    remedy: (_, { boot }) =>
      boot.relay
        ? `See that UDP 67 gets from this host to the relay ${boot.relay}, and that there is a route to it (ip route get ${boot.relay})`
        : `${others(boot.around.foreign, 'answers it as well')}: switch one of the two off, or set MODE=proxy in .env. Otherwise see that no firewall drops outgoing UDP 68, and that the switch trusts this host's port (DHCP snooping)`,
  }),
  signature({
    code: 'no-address',
    stage: atDhcpStage,
    certainty: suspectUntilOver,
    matches: (facts) => {
      const { asking, boot } = facts;
      const isToldOnly =
        asking && asking.bootAnswers > 0 && asking.acks + asking.offers === 0 && asking.requests === 0;
      return isToldOnly && facts.atDhcp && !boot.system && facts.silent(WAITS.request) ? asking : undefined;
    },
    cause: (_, { boot }) =>
      `${capital(askerText(boot))} was told what to boot, but took an address from nobody: in proxy mode another server has to give it`,
    remedy: (_, { boot }) =>
      boot.around.foreign.some(({ offered }) => offered)
        ? `${others(boot.around.foreign, 'gives the addresses here')}: has it one for this machine, and is it in the same network?`
        : 'Start the DHCP server of this network; or, where there is none, set MODE=server in .env, then docker compose up -d',
  }),
];

/** "Another DHCP server, 10.0.0.3 (52:…), keeps giving it that address", as far as any is known. */
function others(foreign: readonly ForeignServer[], does: string): string {
  const names = foreign.map(({ server }) => serverText(server, foreign));
  return names.length > 0
    ? `Another DHCP server, ${listText(names)}, probably ${does}`
    : `Probably another DHCP server ${does} (docker compose logs dhcp names those that were found)`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
