import { formatIpv4, formatSubnet, subnetOf } from '../../protocol/ipv4.ts';
import { relayRemedy } from '../dhcp-events.ts';
import { WAITS } from './deadlines.ts';
import { atDhcpStage, type Signature, signature, suspectUntilOver } from './signature.ts';

/** What was told for one machine of many concerns those too that ask so soon before or after. */
const SAME_TROUBLE_MS = 60_000;

/** Its DHCP got no answer, and dhcp has said why. */
export const unanswered: readonly Signature[] = [
  signature({
    code: 'unknown-relay',
    stage: 'address',
    certainty: 'failed',
    matches: (facts) => (facts.unanswered ? facts.remark('dhcp.unknown-relay')?.event : undefined),
    cause: ({ giaddr, link, subnets, speaksFor }) =>
      `Its request came through the relay ${formatIpv4(giaddr)}${link === giaddr ? '' : ` for the link of ${formatIpv4(link)}`}, ` +
      (speaksFor
        ? `which is an address of no subnet that is served (${subnets.join(', ')}), so it got no answer`
        : `whose subnet is not served (served: ${subnets.join(', ')}), so it got no answer`),
    remedy: ({ giaddr, link, subnets, speaksFor }) =>
      speaksFor
        ? relayRemedy(giaddr, speaksFor, subnets)
        : `Add that subnet to SUBNETS; with a mask of 24 bits, in .env: SUBNETS='${subnets.length > 1 ? '…; ' : ''}${formatSubnet(subnetOf(link, 24))}'. ` +
          'If it is not yours to serve, take this host out of that relay',
  }),
  signature({
    code: 'pool-used-up',
    stage: atDhcpStage,
    certainty: 'failed',
    matches: (facts) => {
      if (!facts.unanswered) return undefined;
      const told = facts.remark('dhcp.pool-used-up') ?? facts.boot.around.poolUsedUp;
      return told && Math.abs(facts.boot.to - told.at) <= SAME_TROUBLE_MS ? told.event : undefined;
    },
    cause: ({ size, declined }) =>
      `There is no address left for it: all ${size} of the pool are in use${declined ? ` (${declined} of them declined)` : ''}`,
    remedy: ({ example, leaseTime }) =>
      `Make the pool larger (in .env: ${example}) or LEASE_TIME shorter (now ${leaseTime} s), or release the leases of machines that are gone`,
  }),
  signature({
    code: 'lease-not-stored',
    stage: atDhcpStage,
    certainty: 'failed',
    matches: (facts) => {
      const { asking, boot } = facts;
      if (!asking || asking.requests <= asking.acks || !facts.atDhcp) return undefined;
      const told = facts.remark('dhcp.store-failed') ?? boot.around.storeFailed;
      const isNow = told && !facts.ackedSince(told.at) && Math.abs(boot.to - told.at) <= SAME_TROUBLE_MS;
      return isNow ? told.event : undefined;
    },
    cause: ({ file, reason }) =>
      `Its ACK was not sent, because its lease could not be stored in ${file}: ${reason}`,
    remedy: () =>
      'Make room on the disk (df -h), and see that the container may write to STATE_DIR; the machine gets its address as soon as it asks then',
  }),
  signature({
    code: 'request-ignored',
    stage: atDhcpStage,
    certainty: suspectUntilOver,
    matches: (facts) => {
      const ignored = facts.remark('dhcp.ignored');
      if (!ignored || !facts.atDhcp || facts.asking!.acks > 0 || facts.boot.system) return undefined;
      const isItsOwn = facts.unanswered || ignored.event.message === 'REQUEST';
      return isItsOwn && facts.silent(WAITS.ack) ? ignored.event : undefined;
    },
    cause: ({ message, reason }) => `Its ${message} was left unanswered: ${reason}`,
    remedy: (_, { boot }) =>
      boot.around.foreign.length > 0
        ? 'Another server may have answered: see which one the machine shows on its screen, and switch one of the two off'
        : 'Switch the machine off and on, so that it asks anew; behind a relay, see that the relay has reached this host since it was started',
  }),
];
