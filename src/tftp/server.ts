import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sink } from '../journal/event.ts';
import { unexpected } from '../journal/fault.ts';
import type { Clock } from '../platform/clock.ts';
import type { Datagram } from '../platform/udp.ts';
import { formatIpv4, type Ipv4 } from '../protocol/ipv4.ts';
import { blockOfAck, decode, encodeError } from '../protocol/tftp/codec.ts';
import { ERROR_CODE, OPCODE, type Options, type Packet, type Request } from '../protocol/tftp/packet.ts';
import { Deadlines } from './deadlines.ts';
import { ascii, judge, printable } from './request.ts';
import { type Ground, Session } from './session.ts';
import { type Capacity, Sessions } from './sessions.ts';
import { answerToStray } from './stray.ts';
import { type Outbox, ownWire, type Peer, sharedWire } from './wire.ts';

/** A machine that asks again from the same port after so much silence, in milliseconds, was reset. */
const RESET_AFTER = 3000;

export interface ServerOptions extends Pick<Ground, 'assets' | 'images' | 'limits'> {
  readonly clock: Clock;
  readonly sink: Sink;
  readonly outbox: Outbox;
  readonly capacity: Capacity;
  /** 'each': transfers get sockets of their own on this address. */
  readonly ports: 'one' | 'each';
  readonly address: Ipv4;
  /** `wake` wants to be called then, or earlier; Infinity: it need not be. */
  wakeBy(at: number): void;
}

/** What is done with everything that arrives on the TFTP port: requests start sessions, the rest goes to them. */
export class Server {
  readonly #options: ServerOptions;
  readonly #ground: Ground;
  readonly #sessions: Sessions;
  readonly #deadlines = new Deadlines<Session>();
  /** Nothing new is begun. */
  #leaving = false;
  #stopped = false;
  #transfers = 0;
  #idle: (() => void) | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#sessions = new Sessions(options.capacity);
    this.#ground = {
      ...options,
      wake: (session, at) => {
        this.#deadlines.set(session, at);
        options.wakeBy(at);
      },
      openWire: (session) => this.#openWire(session),
      refuse: (peer, code, text) => options.outbox.push(peer, encodeError(code, ascii(text))),
      ended: (session) => {
        this.#deadlines.remove(session);
        this.#sessions.remove(session, options.clock.monotonic());
        if (this.#sessions.size === 0) this.#idle?.();
      },
    };
  }

  batch(datagrams: readonly Datagram[]): void {
    if (this.#stopped) return;
    const now = this.#options.clock.monotonic();
    for (const datagram of datagrams) {
      try {
        this.#receive(datagram, now);
      } catch (error) {
        this.#fault(error, this.#sessionOf(datagram));
      }
    }
  }

  /** Time has passed: what has not been answered in time is sent again. */
  wake(): void {
    const now = this.#options.clock.monotonic();
    for (let session = this.#deadlines.due(now); session; session = this.#deadlines.due(now)) {
      try {
        session.wake(now);
      } catch (error) {
        this.#fault(error, session);
      }
    }
    this.#options.wakeBy(this.#deadlines.next);
  }

  /** Transfers that are under way. */
  get running(): number {
    return this.#sessions.size;
  }

  /**
   * Begins no transfer from now on. Who asks for one gets no answer and asks again, by when another process may be there. Resolves when the
   * last transfer is over, or `end` is aborted.
   */
  async finish(end: AbortSignal): Promise<void> {
    this.#leaving = true;
    if (this.#sessions.size === 0 || end.aborted) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
      end.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Ends all transfers, telling the peers. Resolves to their number once that is on its way. */
  async stop(): Promise<number> {
    this.#stopped = true;
    const running = this.#sessions.all();
    for (const session of running) session.cancel('the server is shutting down');
    this.#options.outbox.flush();
    await nextTurn();
    return running.length;
  }

  #receive(datagram: Datagram, now: number): void {
    const block = blockOfAck(datagram.bytes);
    if (block >= 0) {
      this.#acknowledge(datagram, block, now);
      return;
    }
    const packet = this.#decode(datagram);
    if (packet?.type === 'rrq' || packet?.type === 'wrq') this.#request(datagram, packet);
    else if (packet) this.#answer(datagram, packet);
  }

  #acknowledge(datagram: Datagram, block: number, now: number): void {
    const session = this.#sessionOf(datagram);
    if (session) session.acknowledge(block, now);
    else this.#stray(datagram);
  }

  /** Another packet in the course of a transfer. */
  #answer(datagram: Datagram, packet: Packet): void {
    const session = this.#sessionOf(datagram);
    if (session) session.receive(packet);
    else this.#stray(datagram);
  }

  /** The transfer of this peer, where transfers share this port. */
  #sessionOf(peer: Peer): Session | undefined {
    return this.#options.ports === 'one' ? this.#sessions.get(peer) : undefined;
  }

  #decode(datagram: Datagram): Packet | undefined {
    try {
      return decode(datagram.bytes);
    } catch (error) {
      const { address, bytes } = datagram;
      this.#options.sink({
        kind: 'tftp.malformed',
        address: formatIpv4(address),
        problem: (error as Error).message,
      });
      if (bytes[0] === 0 && bytes[1] === OPCODE.rrq) {
        this.#ground.refuse(datagram, ERROR_CODE.illegalOperation, 'malformed request');
      }
      return undefined;
    }
  }

  #request(datagram: Datagram, request: Request): void {
    if (this.#isRepetition(datagram) || this.#leaving) return;
    const verdict = judge(request);
    const full = this.#sessions.full(datagram);
    if (verdict.type === 'refuse') this.#refuse(datagram, request, verdict.code, verdict.text);
    else if (full) this.#refuse(datagram, request, ERROR_CODE.undefined, full);
    else this.#serve(datagram, verdict.name, request.options);
  }

  /** A request may come twice; a different one from the same port means that the peer has given up the first. */
  #isRepetition(datagram: Datagram): boolean {
    const running = this.#sessions.get(datagram);
    if (running?.isRequestedBy(datagram.bytes) && (running.quietFor() ?? 0) < RESET_AFTER) {
      running.repeat();
      return true;
    }
    running?.abandon('the machine sent another request');
    return false;
  }

  #serve({ address, port, bytes }: Datagram, name: string, options: Options): void {
    const session = new Session(this.#ground, { address, port }, ++this.#transfers, name, options, bytes);
    this.#sessions.add(session);
    session.start().catch((error: unknown) => this.#fault(error, session));
  }

  /** Costs the transfer that it befell, and no other. */
  #fault(error: unknown, session: Session | undefined): void {
    this.#options.sink(unexpected('tftp', error));
    session?.abandon('a fault inside remoteboot');
  }

  #refuse(peer: Peer, request: Request, code: number, problem: string): void {
    this.#ground.refuse(peer, code, problem);
    this.#options.sink({
      kind: 'tftp.refused',
      address: formatIpv4(peer.address),
      file: printable(request.file),
      problem,
    });
  }

  #stray(datagram: Datagram): void {
    if (this.#sessions.justEnded(datagram, this.#options.clock.monotonic())) return;
    const answer = answerToStray(datagram.bytes);
    if (answer) this.#options.outbox.push(datagram, answer);
    this.#stranger(datagram);
  }

  #stranger({ address, port }: Peer): void {
    this.#options.sink({ kind: 'tftp.stranger', address: formatIpv4(address), port });
  }

  #openWire(session: Session) {
    const { ports, outbox, address, sink } = this.#options;
    if (ports === 'one') return sharedWire(outbox, session.peer);
    return ownWire(address, session.peer, {
      received: (bytes) => {
        try {
          const block = blockOfAck(bytes);
          if (block >= 0) return session.acknowledge(block, this.#options.clock.monotonic());
          const packet = this.#decode({ ...session.peer, bytes });
          if (packet) session.receive(packet);
        } catch (error) {
          this.#fault(error, session);
        }
      },
      stranger: (peer) => this.#stranger(peer),
      sendFailed: (datagram, error) =>
        sink({ kind: 'tftp.send-failed', address: formatIpv4(datagram.address), problem: error.message }),
      failed: (error) => session.cancel(`its socket failed: ${error.message}`),
    });
  }
}
