/** TFTP packets: RFC 1350 (requests, DATA, ACK, ERROR) and RFC 2347 (options, OACK). */

export const OPCODE = { rrq: 1, wrq: 2, data: 3, ack: 4, error: 5, oack: 6 } as const;

/** RFC 1350 appendix and RFC 2347; 0 means "see the message". */
export const ERROR_CODE = {
  undefined: 0,
  fileNotFound: 1,
  accessViolation: 2,
  diskFull: 3,
  illegalOperation: 4,
  unknownTransfer: 5,
  fileExists: 6,
  noSuchUser: 7,
  optionRefused: 8,
} as const;

/** Option name in lower case → value as sent. */
export type Options = ReadonlyMap<string, string>;

/** Strings are Latin-1, one character a byte. `file` and `mode` are as sent; nothing is checked but the format. */
export interface Request {
  readonly type: 'rrq' | 'wrq';
  readonly file: string;
  readonly mode: string;
  readonly options: Options;
}

/** `block` is the 16-bit number on the wire; it goes on with 0 after 65535. `data` is a view of the packet. */
export interface Data {
  readonly type: 'data';
  readonly block: number;
  readonly data: Uint8Array;
}

export interface Ack {
  readonly type: 'ack';
  readonly block: number;
}

export interface TftpError {
  readonly type: 'error';
  readonly code: number;
  readonly message: string;
}

export interface OptionAck {
  readonly type: 'oack';
  readonly options: Options;
}

export type Packet = Request | Data | Ack | TftpError | OptionAck;
