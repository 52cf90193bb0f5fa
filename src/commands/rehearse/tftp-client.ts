import { decode, encode } from '../../protocol/tftp/codec.ts';
import { OPCODE, type Packet } from '../../protocol/tftp/packet.ts';

/** Why a file did not come. */
export type TftpTrouble =
  | { readonly kind: 'refused'; readonly code: number; readonly message: string }
  /** Nothing came for long; `bytes` had come before, and `heard` tells whether anything at all. */
  | {
      readonly kind: 'silent';
      readonly bytes: number;
      readonly size: number | undefined;
      readonly heard: boolean;
    };

export interface TftpResult {
  readonly bytes: number;
  /** Option tsize of the server's answer. */
  readonly size: number | undefined;
  readonly blksize: number;
  readonly windowsize: number;
  /** How often a packet did not come in its time or its order. */
  readonly lost: number;
}

/** What is to be done next: say something, and go on listening, or end. */
export interface TftpStep {
  readonly say?: Uint8Array;
  readonly end?: TftpResult | TftpTrouble;
}

export interface TftpRequest {
  readonly file: string;
  readonly options: Readonly<Record<string, string>>;
  /** Asks for the size alone, and ends the transfer as firmware does then. */
  readonly sizeOnly?: boolean;
  /** How often the last word is said again before the server is given up. */
  readonly resends: number;
  /** Every block's data, in order. */
  take(data: Uint8Array): void;
}

const DEFAULT_BLKSIZE = 512;
const BLOCKS = 65_536;
const ABORTED = { type: 'error', code: 8, message: 'User aborted the transfer' } as const;

/** One download as firmware does it: lockstep or windows, the last word said again when nothing comes. No socket, no clock. */
export class TftpDownload {
  readonly #request: TftpRequest;
  #said: Uint8Array = new Uint8Array();
  #blksize = DEFAULT_BLKSIZE;
  #windowsize = 1;
  #size: number | undefined;
  #next = 1;
  #inWindow = 0;
  #bytes = 0;
  #lost = 0;
  #resends = 0;
  #heard = false;

  constructor(request: TftpRequest) {
    this.#request = request;
  }

  begin(): Uint8Array {
    const { file, options } = this.#request;
    return this.#say({ type: 'rrq', file, mode: 'octet', options: new Map(Object.entries(options)) }).say!;
  }

  /** Nothing came in its time. */
  silence(): TftpStep {
    this.#lost += 1;
    this.#resends += 1;
    if (this.#resends <= this.#request.resends) return { say: this.#said };
    return { end: { kind: 'silent', bytes: this.#bytes, size: this.#size, heard: this.#heard } };
  }

  /** A packet of the server's. What is none of this transfer changes nothing. */
  hear(bytes: Uint8Array): TftpStep {
    this.#heard = true;
    if (bytes[1] === OPCODE.data && bytes.length >= 4)
      return this.#data((bytes[2]! << 8) | bytes[3]!, bytes.subarray(4));
    const packet = understood(bytes);
    if (packet?.type === 'error') {
      const { code, message } = packet;
      return { end: { kind: 'refused', code, message } };
    }
    return packet?.type === 'oack' && this.#bytes === 0 ? this.#agreed(packet.options) : {};
  }

  #agreed(options: ReadonlyMap<string, string>): TftpStep {
    const number = (name: string) => {
      const value = Number(options.get(name));
      return options.has(name) && Number.isSafeInteger(value) ? value : undefined;
    };
    this.#blksize = number('blksize') ?? DEFAULT_BLKSIZE;
    this.#windowsize = number('windowsize') ?? 1;
    this.#size = number('tsize');
    if (this.#request.sizeOnly) return { say: encode(ABORTED), end: this.#result() };
    return this.#say({ type: 'ack', block: 0 });
  }

  #data(block: number, data: Uint8Array): TftpStep {
    // A server that answers no options begins with the file itself.
    if (this.#request.sizeOnly) return { say: encode(ABORTED), end: this.#result() };
    if (block !== this.#next % BLOCKS) {
      if (this.#inWindow === 0) return {};
      // Something was lost: what came last is acknowledged again, and the server goes back there.
      this.#inWindow = 0;
      this.#lost += 1;
      return this.#say({ type: 'ack', block: (this.#next - 1) % BLOCKS });
    }
    this.#request.take(data);
    this.#bytes += data.length;
    this.#next += 1;
    const isLast = data.length < this.#blksize;
    this.#inWindow += 1;
    if (this.#inWindow < this.#windowsize && !isLast) return {};
    this.#inWindow = 0;
    const step = this.#say({ type: 'ack', block });
    return isLast ? { ...step, end: this.#result() } : step;
  }

  #say(packet: Packet): TftpStep {
    this.#resends = 0;
    this.#said = encode(packet);
    return { say: this.#said };
  }

  #result(): TftpResult {
    return {
      bytes: this.#bytes,
      size: this.#size,
      blksize: this.#blksize,
      windowsize: this.#windowsize,
      lost: this.#lost,
    };
  }
}

function understood(bytes: Uint8Array): Packet | undefined {
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}
