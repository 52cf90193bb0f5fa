import { readFileSync } from 'node:fs';

const TABLE = '/proc/net/arp';
const ASK_AGAIN_MS = 1000;
const FRESH_MS = 10_000;
const UNKNOWN = '00:00:00:00:00:00';

/**
 * Hardware addresses of machines on the served network, as the kernel knows them from ARP: 10.0.0.5 → 52:54:00:12:34:56.
 * Machines behind a relay or a router are not in it.
 */
export class Neighbours {
  readonly #monotonic: () => number;
  readonly #read: () => string;
  #table = new Map<string, string>();
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(monotonic: () => number, read: () => string = () => readFileSync(TABLE, 'utf8')) {
    this.#monotonic = monotonic;
    this.#read = read;
  }

  /** undefined where the kernel has not heard of the address. */
  macOf(address: string): string | undefined {
    const now = this.#monotonic();
    const age = now - this.#readAt;
    if (age >= FRESH_MS || (age >= ASK_AGAIN_MS && !this.#table.has(address))) {
      this.#readAt = now;
      this.#table = parse(this.#readTable());
    }
    return this.#table.get(address);
  }

  #readTable(): string {
    try {
      return this.#read();
    } catch {
      return '';
    }
  }
}

/** Columns: IP address, HW type, flags, HW address, mask, device. */
function parse(table: string): Map<string, string> {
  const rows = table
    .split('\n')
    .slice(1)
    .map((row) => row.split(/\s+/));
  return new Map(
    rows.flatMap(([address, , , mac]) => (address && mac && mac !== UNKNOWN ? [[address, mac]] : [])),
  );
}
