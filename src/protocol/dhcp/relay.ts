import { latin1 } from '../bytes.ts';
import { DecodeError } from '../error.ts';
import { formatIpv4, type Ipv4 } from '../ipv4.ts';
import { OPTION } from './codes.ts';
import { addressOf, decodeOptions, type Options } from './options.ts';

/** Sub-options of option 82. https://www.iana.org/assignments/bootp-dhcp-parameters */
export const RELAY_AGENT = { circuitId: 1, remoteId: 2, linkSelection: 5, serverOverride: 11 } as const;

/** What a relay says about the client and the server it speaks for. */
export interface RelayInfo {
  /** An address of the client's link (RFC 3527). */
  readonly link: Ipv4 | undefined;
  /** The same, of the older kind (RFC 3011). */
  readonly subnet: Ipv4 | undefined;
  /** What the server has to call itself, so that machines renew with the relay (RFC 5107). */
  readonly serverOverride: Ipv4 | undefined;
}

const SAYS_NOTHING: RelayInfo = { link: undefined, subnet: undefined, serverOverride: undefined };

/**
 * Where a request comes from, as far as anybody but the client can tell: the relay and the port of it or of a switch (sub-options 1 and 2), as text
 * for people. Empty without a relay.
 */
export function sourceOf({ giaddr, options }: { readonly giaddr: Ipv4; readonly options: Options }): string {
  if (giaddr === 0) return '';
  const relay = formatIpv4(giaddr);
  const agent = options.get(OPTION.relayAgent);
  if (!agent) return relay;
  const inner = subOptions(agent);
  const port = [RELAY_AGENT.circuitId, RELAY_AGENT.remoteId].map((code) => inner.get(code));
  return [relay, ...port.map((id) => (id ? readable(id) : ''))].join(' ').trimEnd();
}

const PRINTABLE = /^[!-~]+$/;

function readable(id: Uint8Array): string {
  const text = latin1(id);
  return PRINTABLE.test(text) ? text : Buffer.from(id).toString('hex');
}

/** Sub-options that cannot be read say nothing; the relay gets its option back all the same. */
export function relayInfo(options: Options): RelayInfo {
  if (!options.has(OPTION.relayAgent) && !options.has(OPTION.subnetSelection)) return SAYS_NOTHING;
  const inner = subOptions(options.get(OPTION.relayAgent));
  return {
    link: addressOf(inner, RELAY_AGENT.linkSelection),
    subnet: addressOf(options, OPTION.subnetSelection),
    serverOverride: addressOf(inner, RELAY_AGENT.serverOverride),
  };
}

/** Read as options are: sub-options 0 and 255, which would have a length (RFC 3046 §2.0), are not assigned. */
function subOptions(value: Uint8Array | undefined): Options {
  const inner = new Map<number, Uint8Array>();
  if (!value) return inner;
  try {
    decodeOptions(value, inner);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  return inner;
}
