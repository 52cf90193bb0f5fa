import { Router } from 'express';
import type { Firmware } from '../../boot/client.ts';
import { passOn } from './dhcp-answer.ts';
import { ApiFailure } from './failure.ts';
import type { ApiParts } from './parts.ts';
import { Query } from './query.ts';

const FIRMWARE = ['pxe', 'http', 'ipxe', 'raspberry-pi', 'other'] as const satisfies Firmware[];

/** Anybody may ask, and dhcp has machines to answer on the same thread. */
const MOST_A_SECOND = 20;

/** What dhcp would answer a machine now, and why: asked of dhcp itself, which knows. */
export function explainRoutes({ services, clock }: ApiParts): Router {
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
    const query = new Query(request.url, ['mac', 'firmware', 'architecture', 'hostName', 'relay']);
    const supposed = {
      mac: query.mac('mac'),
      firmware: query.word('firmware', FIRMWARE),
      architecture: query.number('architecture', 0, 0xffff),
      hostName: query.text('hostName'),
      relay: query.text('relay'),
    };
    if (supposed.mac === undefined)
      throw new ApiFailure(400, 'mac is missing', 'give it as mac=52:54:00:12:34:56');
    pace();
    passOn(await services.askDhcp('/explain', supposed), response);
  });
}
