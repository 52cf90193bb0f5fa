import dhcp from 'dhcp';
import protocol from 'dhcp/lib/protocol.js';

export const DISCOVER = 1;
export const REQUEST = 3;
const TYPES = ['', 'DISCOVER', 'OFFER', 'REQUEST', 'DECLINE', 'ACK', 'NAK', 'RELEASE', 'INFORM'];
export const nameOf = (type) => TYPES[type];

const COOKIE = [0x63, 0x82, 0x53, 0x63];
const END = 255;

/** A client's packet; options are raw: [code, length, ...value] one after the other. */
export function packet(options, { mac = 1, giaddr = [0, 0, 0, 0], cookie = COOKIE, file = '' } = {}) {
  const header = Buffer.alloc(236);
  header.set([1, 1, 6, 0, 0xca, 0xfe, 0, mac]); // request, Ethernet, no hops, xid
  header.set(giaddr, 24);
  header.set([0x52, 0x54, 0, 0, 0, mac], 28);
  header.write(file, 108, 'latin1');
  return Buffer.concat([header, Buffer.from([...cookie, ...options, END])]);
}

export const message = (type, options = [], fields = {}) => packet([53, 1, type, ...options], fields);

/**
 * The package's server with the network taken away: packets go straight to its socket's handler, as dgram
 * would give them, and what it sends is kept in words.
 */
export class Server {
  #said = [];
  #server;

  constructor(config = {}) {
    this.#server = dhcp.createServer({
      range: ['10.0.0.10', '10.0.0.12'],
      netmask: '255.255.255.0',
      router: ['10.0.0.1'],
      server: '10.0.0.1',
      broadcast: '10.0.0.255',
      randomIP: false,
      ...config,
    });
    this.#server.on('error', (error) => this.#said.push(`error event: ${error}`));
    this.#server._sock.send = (bytes, start, end, port, host) => {
      const { options, yiaddr, file } = protocol.parse(bytes.subarray(start, end));
      const boot = options[67] ? `, option 67 "${options[67]}", file "${file}"` : '';
      this.#said.push(`${nameOf(options[53])} of ${yiaddr} to ${host}:${port}${boot}`);
    };
  }

  /** What the packet led to, in words; a throw here leaves a dgram handler, which ends the process. */
  receive(bytes) {
    this.#said = [];
    try {
      this.#server._sock.emit('message', bytes, {});
    } catch (error) {
      return `throws ${whence(error)}`;
    }
    return this.#said.join('; ') || 'silence';
  }
}

/** An error with the lines of the package that it came through, innermost first. */
export function whence({ name, message, stack }) {
  const lines = [...stack.matchAll(/dhcp\/lib\/([a-z]+\.js:\d+)/g)].map(([, line]) => line);
  return `${name}: ${message} (${lines.slice(0, 2).join(' < ')})`;
}
