import { Router } from 'express';
import type { Firmware } from '../../boot/client.ts';
import { passOn } from './dhcp-answer.ts';
import { ApiFailure } from './failure.ts';
import type { ApiParts } from './parts.ts';
import { Query } from './query.ts';

const FIRMWARE = ['pxe', 'http', 'ipxe', 'raspberry-pi', 'other'] as const satisfies Firmware[];

/** What dhcp would answer a machine now, and why: asked of dhcp itself, which knows. */
export function explainRoutes({ services }: ApiParts): Router {
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
    passOn(await services.askDhcp('/explain', supposed), response);
  });
}
