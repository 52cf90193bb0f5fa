import { Router } from 'express';
import { bootChain } from '../../boot/chain-links.ts';
import type { Firmware } from '../../boot/client.ts';
import type { Explanation } from '../../boot/explanation.ts';
import { shelfOf } from '../../boot/shelf.ts';
import { isLocalAddress } from '../../platform/adapters.ts';
import type { Ipv4 } from '../../protocol/ipv4.ts';
import { passOn } from './dhcp-answer.ts';
import { ApiFailure } from './failure.ts';
import type { ApiParts } from './parts.ts';
import { Query } from './query.ts';

const FIRMWARE = ['pxe', 'http', 'ipxe', 'raspberry-pi', 'other'] as const satisfies Firmware[];

/** Anybody may ask, and dhcp has machines to answer on the same thread. */
const MOST_A_SECOND = 20;

/** What dhcp would answer a machine now, and why: asked of dhcp itself, which knows; and what it would then load, which is known here. */
export function explainRoutes({ services, clock, generated, profile }: ApiParts): Router {
  let second = { since: Number.NEGATIVE_INFINITY, asked: 0 };
  const pace = () => {
    const now = clock.monotonic();
    if (now - second.since >= 1000) second = { since: now, asked: 0 };
    second.asked += 1;
    if (second.asked > MOST_A_SECOND)
      throw new ApiFailure(
        503,
        `dhcp explains no more than ${MOST_A_SECOND} answers a second`,
        'ask again in a second',
      );
  };
  return Router().get('/explain', async (request, response) => {
    const asked = askedIn(request.url);
    pace();
    const answer = await services.askDhcp('/explain', asked);
    if (answer.status !== 200) return passOn(answer, response);
    const scripts = await generated.current();
    const { survey, choice = NOTHING_YET } = generated.state;
    const isOurs = (address: Ipv4) => address === profile.addresses.dhcp || isLocalAddress(address);
    const shelf = shelfOf({ profile, survey, choice, scripts, isOurs });
    response.json(await bootChain(answer.body as Explanation, shelf));
  });
}

const NOTHING_YET = { ready: false, reason: 'images/ was not looked at yet', remedy: 'ask again' } as const;

/** Either a machine, or one packet to be answered as it is. */
function askedIn(url: string): Record<string, unknown> {
  const query = new Query(url, [
    ...['mac', 'firmware', 'architecture', 'hostName', 'relay', 'port'],
    ...['packet', 'from'],
  ]);
  const port = query.number('port', 67, 4011);
  const packet = query.text('packet');
  if (packet !== undefined) return { packet, port, from: query.text('from') };
  const supposed = {
    mac: query.mac('mac'),
    firmware: query.word('firmware', FIRMWARE),
    architecture: query.number('architecture', 0, 0xffff),
    hostName: query.text('hostName'),
    relay: query.text('relay'),
    port,
  };
  if (supposed.mac === undefined)
    throw new ApiFailure(400, 'mac is missing', 'give it as mac=52:54:00:12:34:56');
  return supposed;
}
