import type { Ipv4 } from '../protocol/ipv4.ts';
import type { Firmware } from './client.ts';
import type { Plan } from './plan.ts';

/** A message that a machine has sent before, as the journal keeps it. */
export interface Overheard {
  /** The packet, in hex. */
  readonly bytes: string;
  /** The server's port that it came to. */
  readonly port: 67 | 4011;
}

/** The machine that somebody asks about. */
export interface Supposed {
  /** "52:54:00:12:34:56" */
  readonly mac: string;
  readonly firmware: Firmware;
  /** Option 93; what such firmware most often says where it is left out. */
  readonly architecture?: number;
  readonly hostName?: string;
  /** The relay that the requests come through. */
  readonly relay?: Ipv4;
  /** 4011: nothing but its question to a boot server. */
  readonly port?: 67 | 4011;
  /** What it sent when it booted last, in order: it is taken to say that again, and what it did not say is supposed. */
  readonly like?: readonly Overheard[];
}

/** One packet, to be answered as it is. */
export interface ExactPacket extends Overheard {
  /** Who sends it: an answer from port 4011 goes back there. */
  readonly from?: { readonly address: string; readonly port: number };
}

/** A message and its answer. */
export interface Exchange {
  /** Whose message it is: of what the machine starts with, or of the iPXE that it was sent to. */
  readonly stage: 'firmware' | 'ipxe';
  /** "PXE, UEFI x64" */
  readonly who: string;
  readonly firmware: Firmware;
  readonly architecture?: number;
  /** "DISCOVER" */
  readonly message: string;
  readonly port: 67 | 4011;
  /** The request in words: the header, then a line an option. */
  readonly request: readonly string[];
  /** The request as bytes, in hex. */
  readonly requestBytes: string;
  /** "OFFER"; absent where there is no answer, and so are the three behind it. */
  readonly answer?: string;
  /** The answer in words. */
  readonly reply?: readonly string[];
  /** The answer as bytes, in hex. */
  readonly bytes?: string;
  /** Where it would be sent. */
  readonly destination?: string;
  /** Why: the decisions that led there, in order, a sentence each; not again what an earlier message of the stage was told. */
  readonly because: readonly string[];
  /** What it shall load next; absent where it was not even found out where it is. */
  readonly plan?: Plan;
  /** Why a boot would end here, and what to do about it. */
  readonly trouble?: string;
}

/** What dhcp would answer a machine now, message by message, without doing it. */
export interface Explanation {
  readonly mode: 'server' | 'proxy';
  /** As far as dhcp goes: a machine that is not answered says no more. */
  readonly exchanges: readonly Exchange[];
}
