import type { AssetEvent } from './asset-events.ts';
import type { BootEvent } from './boot-events.ts';
import type { ConfigEvent } from './config-events.ts';
import type { DhcpEvent } from './dhcp-events.ts';
import type { ForeignEvent } from './foreign-events.ts';
import type { HttpEvent } from './http-events.ts';
import type { JournalEvent } from './journal-events.ts';
import type { LeaseEvent } from './lease-events.ts';
import type { StarvationEvent } from './starvation-events.ts';
import type { TftpEvent } from './tftp-events.ts';

/** Everything that happens. What is not an event here is not logged anywhere. */
export type Event = (
  | ConfigEvent
  | DhcpEvent
  | LeaseEvent
  | ForeignEvent
  | StarvationEvent
  | TftpEvent
  | HttpEvent
  | AssetEvent
  | JournalEvent
  | BootEvent
) & {
  /** The hardware address of the machine that it is about. */
  readonly mac?: string;
};

/**
 * Where events go: the log, and the journal. Must never throw and never wait. Bytes in an event may be others as soon as it returns: whoever keeps
 * them copies them.
 */
export type Sink = (event: Event) => void;
