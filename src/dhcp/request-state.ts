import { OPTION } from '../protocol/dhcp/codes.ts';
import { addressOf } from '../protocol/dhcp/options.ts';
import type { Packet } from '../protocol/dhcp/packet.ts';
import type { Ipv4 } from '../protocol/ipv4.ts';

/** What a DHCPREQUEST means, told by its fields as RFC 2131 §4.3.2 and table 4 give them. */
export type RequestState =
  | { readonly state: 'selecting'; readonly server: Ipv4; readonly address: Ipv4 }
  | { readonly state: 'init-reboot'; readonly address: Ipv4 }
  /** RENEWING or REBINDING: they differ in how they are sent, not in how they are answered. */
  | { readonly state: 'extending'; readonly address: Ipv4 }
  | { readonly state: 'malformed' };

export function requestState(packet: Packet): RequestState {
  const server = addressOf(packet.options, OPTION.serverIdentifier);
  const requested = addressOf(packet.options, OPTION.requestedAddress);
  if (server !== undefined) {
    // Some clients put the address into ciaddr here; the RFC wants option 50.
    const address = requested ?? packet.ciaddr;
    return address === 0 ? { state: 'malformed' } : { state: 'selecting', server, address };
  }
  if (packet.ciaddr !== 0) return { state: 'extending', address: packet.ciaddr };
  return requested ? { state: 'init-reboot', address: requested } : { state: 'malformed' };
}
