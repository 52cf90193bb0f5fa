import dgram from 'node:dgram';
import { once } from 'node:events';
import { decode, encode } from '../../../src/protocol/tftp/codec.ts';
import { OPCODE, type Packet } from '../../../src/protocol/tftp/packet.ts';
import { Stopped } from './plan.ts';

export interface TftpRead {
  /** The machine's own address. */
  readonly from: string;
  readonly server: string;
  readonly file: string;
  readonly options: Readonly<Record<string, string>>;
  /** Every block's data, in order. */
  take(data: Uint8Array): void;
  /** Takes nothing more from that block on. */
  readonly deafFrom?: number;
  /** Asks only for the size, and says that this was all. */
  readonly sizeOnly?: boolean;
}

const RESEND_MS = 1000;
const RESENDS = 6;

/**
 * Reads a file as firmware does: lockstep or windows, last word said again when nothing comes.
 *
 * @returns the number of bytes, or the size with `sizeOnly`.
 * @throws Stopped where the server refuses, or is not heard any more.
 */
export async function readTftp(read: TftpRead): Promise<number> {
  const socket = dgram.createSocket('udp4');
  socket.bind(0, read.from);
  await once(socket, 'listening');
  try {
    return await new Promise<number>((resolve, reject) =>
      new Transfer(socket, read, resolve, reject).start(),
    );
  } finally {
    socket.close();
  }
}

class Transfer {
  readonly #socket: dgram.Socket;
  readonly #read: TftpRead;
  readonly #done: (bytes: number) => void;
  readonly #failed: (error: Error) => void;
  #said: Uint8Array = new Uint8Array();
  #port = 69;
  #blksize = 512;
  #windowsize = 1;
  #size = 0;
  #next = 1;
  #inWindow = 0;
  #bytes = 0;
  #resends = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    socket: dgram.Socket,
    read: TftpRead,
    done: (bytes: number) => void,
    failed: (error: Error) => void,
  ) {
    this.#socket = socket;
    this.#read = read;
    this.#done = done;
    this.#failed = failed;
  }

  start(): void {
    const { file, options } = this.#read;
    this.#socket.on('message', (bytes, { port }) => this.#take(bytes, port));
    this.#socket.on('error', (error) => this.#end(() => this.#failed(error)));
    this.#say({ type: 'rrq', file, mode: 'octet', options: new Map(Object.entries(options)) });
  }

  #say(packet: Packet): void {
    this.#resends = 0;
    this.#said = encode(packet);
    this.#send();
  }

  #send(): void {
    this.#socket.send(this.#said, this.#port, this.#read.server);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (++this.#resends > RESENDS)
        this.#end(() => this.#failed(new Stopped('the TFTP server is not heard')));
      else this.#send();
    }, RESEND_MS);
  }

  #take(bytes: Uint8Array, port: number): void {
    this.#port = port;
    if (bytes[1] === OPCODE.data) {
      this.#data((bytes[2]! << 8) | bytes[3]!, bytes.subarray(4));
      return;
    }
    const packet = decode(bytes);
    if (packet.type === 'error')
      this.#end(() => this.#failed(new Stopped(`TFTP error ${packet.code}: ${packet.message}`)));
    if (packet.type === 'oack') this.#agreed(packet.options);
  }

  #agreed(options: ReadonlyMap<string, string>): void {
    this.#blksize = Number(options.get('blksize') ?? 512);
    this.#windowsize = Number(options.get('windowsize') ?? 1);
    this.#size = Number(options.get('tsize') ?? 0);
    if (!this.#read.sizeOnly) {
      this.#say({ type: 'ack', block: 0 });
      return;
    }
    this.#said = encode({ type: 'error', code: 8, message: 'User aborted the transfer' });
    this.#socket.send(this.#said, this.#port, this.#read.server, () =>
      this.#end(() => this.#done(this.#size)),
    );
  }

  #data(block: number, data: Uint8Array): void {
    if (this.#read.deafFrom !== undefined && this.#next >= this.#read.deafFrom) {
      this.#end(() => this.#failed(new Stopped('it went deaf')));
      return;
    }
    if (block !== this.#next % 65536) {
      // Something was lost: what came last is acknowledged again, and the server goes back there.
      if (this.#inWindow === 0) return;
      this.#inWindow = 0;
      this.#say({ type: 'ack', block: (this.#next - 1) % 65536 });
      return;
    }
    this.#read.take(data);
    this.#bytes += data.length;
    this.#next++;
    const last = data.length < this.#blksize;
    if (++this.#inWindow < this.#windowsize && !last) return;
    this.#inWindow = 0;
    this.#say({ type: 'ack', block });
    // The kernel has the last acknowledgement before the socket is closed.
    if (last) setImmediate(() => this.#end(() => this.#done(this.#bytes)));
  }

  #end(settle: () => void): void {
    clearTimeout(this.#timer);
    this.#socket.removeAllListeners('message');
    settle();
  }
}
