import { assetTexts } from './asset-events.ts';
import { bootTexts } from './boot-events.ts';
import { configTexts } from './config-events.ts';
import { dhcpTexts } from './dhcp-events.ts';
import type { Event } from './event.ts';
import { foreignTexts } from './foreign-events.ts';
import { httpTexts } from './http-events.ts';
import { journalTexts } from './journal-events.ts';
import { leaseTexts } from './lease-events.ts';
import type { Line } from './line.ts';
import { starvationTexts } from './starvation-events.ts';
import { tftpTexts } from './tftp-events.ts';

const texts = {
  ...configTexts,
  ...dhcpTexts,
  ...leaseTexts,
  ...foreignTexts,
  ...starvationTexts,
  ...tftpTexts,
  ...httpTexts,
  ...assetTexts,
  ...journalTexts,
  ...bootTexts,
};

/** The event's log line. */
export function render(event: Event): Line {
  return (texts[event.kind] as (event: Event) => Line)(event);
}

/** False for what another version of the services has recorded, and this one does not know. */
export function isKnown(kind: string): kind is Event['kind'] {
  return Object.hasOwn(texts, kind);
}
