import { setImmediate as nextTurn } from 'node:timers/promises';
import { Bursts } from '../journal/burst.ts';
import type { Sink } from '../journal/event.ts';
import { unexpected } from '../journal/fault.ts';
import type { TftpLimit } from '../journal/tftp-events.ts';
import type { Clock } from '../platform/clock.ts';
import type { Datagram } from '../platform/udp.ts';
import { formatIpv4, type Ipv4 } from '../protocol/ipv4.ts';
import { blockOfAck, decode, encodeError } from '../protocol/tftp/codec.ts';
import { ERROR_CODE, OPCODE, type Options, type Packet, type Request } from '../protocol/tftp/packet.ts';
import { Deadlines } from './deadlines.ts';
import { Door } from './door.ts';
import { ascii, judge, printable } from './request.ts';
import { type Ground, Session } from './session.ts';
import { type Capacity, Sessions } from './sessions.ts';
import type { Standing } from './sources.ts';
import { answerToStray } from './stray.ts';
import { type Outbox, ownWire, type Peer, sharedWire } from './wire.ts';

/** A machine that asks again from the same port after so much silence, in milliseconds, was reset. */
const RESET_AFTER = 3000;

export interface ServerOptions extends Pick<Ground, 'assets' | 'images' | 'limits'> {
  readonly clock: Clock;
  readonly sink: Sink;
  readonly outbox: Outbox;
  readonly capacity: Capacity;
  /** Who is answered. */
  readonly standing: (peer: Peer) => Standing;
  /** 'each': transfers get sockets of their own on this address. */
  readonly ports: 'one' | 'each';
  readonly address: Ipv4;
  /** As for openUdp. */
  readonly leaveBy?: number | undefined;
  /** `wake` wants to be called then, or earlier; Infinity: it need not be. */
  wakeBy(at: number): void;
}

/** What is done with everything that arrives on the TFTP port: requests start sessions, the rest goes to them. */
export class Server {
  readonly #options: ServerOptions;
  readonly #ground: Ground;
  readonly #sessions: Sessions;
  readonly #door: Door;
  readonly #bursts: Bursts<TftpLimit, Ipv4>;
  readonly #deadlines = new Deadlines<Session>();
  /** Nothing new is begun. */
  #leaving = false;
  #stopped = false;
  #transfers = 0;
  #idle: (() => void) | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    const { clock, sink, outbox, capacity, standing } = options;
    const sessions = new Sessions(capacity);
    const bursts = new Bursts<TftpLimit, Ipv4>((limit, burst) => {
      const allowed = limit === 'in all' ? capacity.all : capacity.perAddress;
      sink({ kind: 'tftp.limited', limit, ...burst, address: formatIpv4(burst.address), allowed });
    }, clock.monotonic);
    this.#sessions = sessions;
    this.#bursts = bursts;
    this.#door = new Door({ standing, sessions, bursts, perAddress: capacity.perAddress });
    this.#ground = {
      ...options,
      wake: (session, at) => {
        this.#deadlines.set(session, at);
        options.wakeBy(at);
      },
      openWire: (session) => this.#openWire(session),
      refuse: (peer, code, text) => {
        if (this.#door.mayTell(peer, clock.monotonic())) outbox.push(peer, encodeError(code, ascii(text)));
      },
      awaits: (session) => sessions.awaits(session),
      answered: (session) => {
        sessions.answered(session);
        this.#door.answered(session.peer);
      },
      isOneOfMany: (session) => {
        const isOne = sessions.isOneOfMany(session);
        if (isOne) bursts.note('unanswered', session.peer.address);
        return isOne;
      },
      ended: (session) => {
        this.#deadlines.remove(session);
        sessions.remove(session, clock.monotonic());
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
    const { bytes } = datagram;
    const opcode = bytes.length < 2 ? 0 : (bytes[0]! << 8) | bytes[1]!;
    if (opcode === OPCODE.rrq || opcode === OPCODE.wrq) this.#request(datagram, now);
    else this.#answer(datagram);
  }

  #acknowledge(datagram: Datagram, block: number, now: number): void {
    const session = this.#sessionOf(datagram);
    if (session) session.acknowledge(block, now);
    else this.#stray(datagram);
  }

  /** Another packet in the course of a transfer. */
  #answer(datagram: Datagram): void {
    const session = this.#sessionOf(datagram);
    if (!session) {
      this.#stray(datagram);
      return;
    }
    const packet = this.#decode(datagram);
    if (packet) session.receive(packet);
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

  #request(datagram: Datagram, now: number): void {
    if (!this.#door.isServed(datagram) || this.#isRepetition(datagram) || this.#leaving) return;
    const room = this.#door.room(datagram, now);
    const request = room && (this.#decode(datagram) as Request | undefined);
    if (!request) return;
    const verdict = judge(request);
    if (verdict.type === 'refuse') {
      this.#refuse(datagram, request, verdict.code, verdict.text);
      return;
    }
    if (room.inPlaceOf) this.#replace(room.inPlaceOf);
    this.#serve(datagram, verdict.name, request.options);
  }

  /** One that was never answered may not even have been asked for. */
  #replace(session: Session): void {
    if (session.isAnswered) {
      session.cancel('others wait, and no transfer is slower');
      return;
    }
    this.#bursts.note('unanswered', session.peer.address);
    session.giveWay();
  }

  /** A request may come twice; a different one from the same port means that the peer has given up the first. */
  #isRepetition(datagram: Datagram): boolean {
    const running = this.#sessions.get(datagram);
    if (running?.isRequestedBy(datagram.bytes) && (running.quietFor() ?? 0) < RESET_AFTER) {
      running.repeat();
      return true;
    }
    if (running?.isAnswered) running.abandon('the machine sent another request');
    else running?.giveWay();
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
    const answer = this.#strangersAnswer(datagram);
    if (answer) this.#options.outbox.push(datagram, answer);
  }

  #strangersAnswer(datagram: Datagram): Uint8Array | undefined {
    const { address, port, bytes } = datagram;
    this.#options.sink({ kind: 'tftp.stranger', address: formatIpv4(address), port });
    const answer = answerToStray(bytes);
    const now = this.#options.clock.monotonic();
    return answer && this.#door.isServed(datagram) && this.#door.mayTell(datagram, now) ? answer : undefined;
  }

  #openWire(session: Session) {
    const { ports, outbox, address, sink, leaveBy } = this.#options;
    if (ports === 'one') return sharedWire(outbox, session.peer);
    return ownWire({ address, leaveBy }, session.peer, {
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
      stranger: (datagram) => this.#strangersAnswer(datagram),
      sendFailed: (datagram, error) =>
        sink({ kind: 'tftp.send-failed', address: formatIpv4(datagram.address), problem: error.message }),
      failed: (error) => session.cancel(`its socket failed: ${error.message}`),
    });
  }
}
