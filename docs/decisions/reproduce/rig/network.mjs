import dgram from 'node:dgram';
import { EventEmitter } from 'node:events';
import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

const HOST = '127.0.0.1';
const FIRST_PORT = 40_000;

/** Lets all happen that is under way and needs no time. */
export async function settle() {
  for (let turns = 0; turns < 20; turns++) await turn();
}

/**
 * Takes the place of dgram and of setTimeout, so that every run is the same: datagrams cross at once, except every
 * n-th, which is lost; time passes only in run(), when nothing else is left to do.
 */
export class Network {
  #sockets = new Map();
  #everyNth;
  sent = 0;

  constructor(everyNth = Number.POSITIVE_INFINITY) {
    this.#everyNth = everyNth;
    dgram.createSocket = () => new Socket(this);
    mock.timers.reset();
    mock.timers.enable({ apis: ['setTimeout'] });
  }

  attach(socket) {
    const port = FIRST_PORT + this.#sockets.size;
    this.#sockets.set(port, socket);
    return port;
  }

  carry(bytes, from, to) {
    this.sent += 1;
    if (this.sent % this.#everyNth === 0) return;
    const copy = Buffer.from(bytes);
    setImmediate(() => this.#sockets.get(to)?.emit('message', copy, { address: HOST, port: from }));
  }

  /** Lets it all happen until the promise is settled, or for so many seconds of the network's time. */
  async run(promise, seconds) {
    let result = 'nothing more happens';
    let settled = false;
    promise.then((value) => {
      result = value;
      settled = true;
    });
    for (let ms = 0; ms < seconds * 1000 && !settled; ms += 100) {
      for (let before = -1; before < this.sent; ) {
        before = this.sent;
        await settle();
      }
      mock.timers.tick(100);
    }
    return result;
  }
}

class Socket extends EventEmitter {
  #network;
  #port;

  constructor(network) {
    super();
    this.#network = network;
  }

  bind(_port, _host, done) {
    this.#port ??= this.#network.attach(this);
    setImmediate(done);
  }

  send(bytes, offset, length, port, _host, done) {
    this.#port ??= this.#network.attach(this);
    this.#network.carry(bytes.subarray(offset, offset + length), this.#port, port);
    if (done) setImmediate(done);
  }

  address() {
    return { address: HOST, port: this.#port };
  }

  close() {
    this.removeAllListeners('message');
    setImmediate(() => this.emit('close'));
  }
}
