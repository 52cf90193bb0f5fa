/** What an attacker does. Rates are in packets a second. */
export type Attack =
  /** Bytes by chance, mutated captures and messages made of their parts, at 67, 4011 and 69, from everywhere. */
  | { readonly does: 'noise'; readonly rate: number }
  /** A DISCOVER each from a machine that nobody has seen. */
  | { readonly does: 'discover'; readonly rate: number }
  /** Such machines take what they are offered. */
  | { readonly does: 'handshake'; readonly rate: number }
  /** Read requests from another port each, by one address or by many, and never an ACK. */
  | { readonly does: 'read'; readonly rate: number; readonly from: 'one' | 'many' }
  /** DHCP that names a relay, or an address of its own, that has never said anything. */
  | { readonly does: 'misname'; readonly rate: number }
  /** TFTP clients that acknowledge every so many milliseconds. */
  | { readonly does: 'slow-ack'; readonly clients: number; readonly everyMs: number }
  /** HTTP clients that read a few bytes a second of a large file. */
  | { readonly does: 'slow-read'; readonly clients: number }
  /** Connections on which nothing comes, and so many on which a head comes letter by letter. */
  | { readonly does: 'idle'; readonly connections: number; readonly dripping: number }
  /** Requests of a thousand ranges, and thousands of requests at once whose answers are not read. */
  | { readonly does: 'bombs'; readonly connections: number }
  /** Pages that listen to /events, and loops of requests to the API. */
  | { readonly does: 'pages'; readonly listening: number; readonly loops: number };

/** Where: all that an attacking program is told. */
export interface Order {
  readonly attack: Attack;
  readonly adapter: string;
  readonly mac: string;
  /** The attacker's own address, and those that are answered for beside it: addresses of the served network, and others behind its router. */
  readonly address: string;
  readonly near: { readonly first: string; readonly count: number };
  /** Whoever wants answers asks from there. */
  readonly clients: { readonly first: string; readonly count: number };
  readonly far: { readonly first: string; readonly count: number };
  /** Addresses that never say anything. */
  readonly silent: readonly string[];
  readonly server: string;
  readonly serverMac: string;
  /** Names of a loader and of a large file. */
  readonly loader: string;
  readonly large: string;
}

/** What an attacker has done, by name, for people: `sent`, `answered`, `open`, `closed`. */
export type Done = Readonly<Record<string, number>>;

/** An attack under way. */
export interface Running {
  stop(): Done | Promise<Done>;
}
