import dgram from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settle } from './network.mjs';

process.noDeprecation = true; // set before the package is loaded, which calls new Buffer()
export const { default: tftp } = await import('tftp');

export const LOOPBACK = '127.0.0.1';

/** Answers each request with so many bytes from memory. */
export const giving = (size) => (_request, response) => {
  response.setSize(size);
  response.end(Buffer.alloc(size, 'x'));
};

/** The package's server on a free port of the loopback. Without a listener it serves the folder `root`. */
export async function serve(listener, options = {}) {
  const root = mkdtempSync(join(tmpdir(), 'tftp-'));
  process.once('exit', () => rmSync(root, { recursive: true }));
  const said = [];
  const server = tftp.createServer({ host: LOOPBACK, root, denyPUT: true, ...options }, listener);
  server.on('error', (error) => said.push(`server: ${error.message}`));
  server.prependListener('request', (request) => {
    request.on('error', (error) => said.push(`transfer: ${error.message}`));
  });
  server.port = 0; // the constructor takes 0 for unset
  server.listen();
  await once(server, 'listening');
  return { root, said, port: server._socket.address().port };
}

const string = (text) => [...Buffer.from(`${text}\0`)];
export const readRequest = (name, ...options) => [0, 1, ...[name, 'octet', ...options].flatMap(string)];
export const ack = (block) => [0, 4, block >> 8, block & 255];
export const error = (text) => [0, 5, 0, 0, ...string(text)];

/** A TFTP client that does only as it is told, on a Network. */
export class Peer {
  #socket = dgram.createSocket('udp4');
  #waiting = [];
  /** Where the last packet came from. */
  port = 0;

  constructor() {
    this.#socket.on('message', (bytes, { port }) => {
      this.#waiting.push(inWords(bytes));
      this.port = port;
    });
  }

  send(bytes, port = this.port) {
    this.#socket.send(Uint8Array.from(bytes), 0, bytes.length, port, LOOPBACK);
  }

  /** What comes back, in words. */
  ask(bytes, port = this.port) {
    this.send(bytes, port);
    return this.heard();
  }

  async heard() {
    await settle();
    return this.#waiting.splice(0).join(', ') || 'nothing';
  }

  /** Waits for the first packet, where it takes more than a turn. */
  async answer() {
    if (this.#waiting.length === 0) await once(this.#socket, 'message');
    return this.heard();
  }
}

function inWords(bytes) {
  if (bytes[1] === 3) return `data ${bytes.readUInt16BE(2)}`;
  if (bytes[1] === 5)
    return `error ${bytes.readUInt16BE(2)} "${bytes.toString('latin1', 4, bytes.length - 1)}"`;
  return `oack ${bytes.toString('latin1', 2, bytes.length - 1).replaceAll('\0', ' ')}`;
}

/** An error with the lines of the package that it came through, innermost first. */
export function whence({ name, message, stack }) {
  const lines = [...stack.matchAll(/tftp\/lib\/([a-z/-]+\.js:\d+)/g)].map(([, line]) => line);
  return `${name}: ${message} (${lines.slice(0, 2).join(' < ')})`;
}
