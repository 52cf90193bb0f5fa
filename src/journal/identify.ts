import type { Event, Sink } from './event.ts';

/** Adds the machine's MAC to events that know only its address, so that every line about a machine carries it. */
export function identify(sink: Sink, macOf: (address: string) => string | undefined): Sink {
  return (event) => {
    const address = 'address' in event && !event.mac ? event.address : undefined;
    const mac = typeof address === 'string' ? macOf(address) : undefined;
    sink(mac === undefined ? event : ({ ...event, mac } as Event));
  };
}
