import { type Asset, AssetError, type AssetSource } from '../assets/asset.ts';
import type { Sink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import { formatIpv4 } from '../protocol/ipv4.ts';
import { type Limits, negotiate } from '../protocol/tftp/negotiate.ts';
import { ERROR_CODE, type Options, type Packet } from '../protocol/tftp/packet.ts';
import type { Sleeper } from './deadlines.ts';
import { FileBlocks } from './file-blocks.ts';
import { outcomeEvent, progressEvent, startEvent } from './outcome.ts';
import { refusalOf } from './refusal.ts';
import { printable } from './request.ts';
import { type Outcome, type Step, Transfer } from './transfer.ts';
import { type Peer, peerKey, type Wire } from './wire.ts';

/** How often a transfer tells how far it is, at most. */
const PROGRESS_MS = 500;

/**
 * DATA without an OACK is many times as long as its request: no more than so many are sent to an address that answers none. An OACK is as
 * long as what it answers.
 */
const MOST_UNANSWERED_DATA = 32;

const UNANSWERED: Outcome = { type: 'unanswered' };

/** What every session works with. */
export interface Ground {
  readonly clock: Clock;
  readonly sink: Sink;
  readonly assets: AssetSource;
  /** The folder that assets come from, for messages. */
  readonly images: string;
  readonly limits: Limits;
  /** Wakes the session then, or earlier. */
  wake(session: Session, at: number): void;
  openWire(session: Session): Wire | Promise<Wire>;
  /** The first reply is about to be sent. @returns how many transfers of its address await an answer. */
  awaits(session: Session): number;
  /** The peer has answered for the first time. */
  answered(session: Session): void;
  /** Whether it is one of many that nobody has answered: that is told of all of them together. */
  isOneOfMany(session: Session): boolean;
  /** An ERROR instead of a transfer. */
  refuse(peer: Peer, code: number, text: string): void;
  ended(session: Session): void;
}

/** Opens the file that one peer asked for and drives its transfer: the steps that it names are taken here. */
export class Session implements Sleeper {
  wakesAt = Number.POSITIVE_INFINITY;
  place = 0;
  readonly peer: Peer;
  readonly key: number;
  /** Counts the transfers of this service. */
  readonly number: number;
  /** The name as it was asked for, fit to be printed. */
  readonly file: string;
  readonly #ground: Ground;
  readonly #name: string;
  readonly #options: Options;
  readonly #request: Uint8Array;
  readonly startedAt: number;
  #asset: Asset | undefined;
  #file: FileBlocks | undefined;
  #wire: Wire | undefined;
  #transfer: Transfer | undefined;
  #over = false;
  #answered = false;
  /** When, and of how many bytes, it was last told that they have arrived. */
  #toldAt: number;
  #toldBytes = 0;

  /** @param request its packet as received, by which a repetition is known. */
  constructor(
    ground: Ground,
    peer: Peer,
    number: number,
    name: string,
    options: Options,
    request: Uint8Array,
  ) {
    this.peer = peer;
    this.number = number;
    this.key = peerKey(peer);
    this.file = printable(name);
    this.#ground = ground;
    this.#name = name;
    this.#options = options;
    this.#request = new Uint8Array(request);
    this.startedAt = ground.clock.monotonic();
    this.#toldAt = this.startedAt;
  }

  /** Never rejects: what goes wrong is an event and, for the peer, an ERROR. */
  async start(): Promise<void> {
    const { assets, limits, sink } = this.#ground;
    try {
      const asset = await assets.open(this.#name);
      if (this.#over) return asset.close();
      this.#asset = asset;
      const wire = await this.#ground.openWire(this);
      if (this.#over) return wire.close();
      this.#wire = wire;
      const terms = negotiate(this.#options, asset.size, limits);
      this.#file = new FileBlocks(asset, terms.blockSize);
      this.#transfer = new Transfer(asset.size, terms);
    } catch (error) {
      if (!this.#over) await this.#refuse(error as Error);
      return;
    }
    if (!this.#mayBegin(this.#transfer)) {
      this.giveWay();
      return;
    }
    sink(startEvent(this, this.#transfer));
    this.#take(this.#transfer.start(this.#now()));
  }

  #mayBegin({ terms }: Transfer): boolean {
    const unanswered = this.#ground.awaits(this);
    return terms.accepted.size > 0 || unanswered <= MOST_UNANSWERED_DATA;
  }

  /** Bytes that the peer is known to have. */
  get acknowledged(): number {
    return this.#transfer?.acknowledged ?? 0;
  }

  /** The peer has answered, if only with its first ACK. */
  get isAnswered(): boolean {
    return this.#answered;
  }

  acknowledge(block: number, now: number): void {
    const transfer = this.#transfer;
    if (!transfer) return;
    this.#take(transfer.acknowledge(block, now));
    if (!this.#answered) this.#hear(transfer);
    if (now - this.#toldAt >= PROGRESS_MS) this.#tellProgress(now);
  }

  #hear(transfer: Transfer): void {
    if (transfer.untouched || this.#over) return;
    this.#answered = true;
    this.#ground.answered(this);
  }

  /** Anything but an ACK. */
  receive(packet: Packet): void {
    if (packet.type === 'error' && this.#transfer)
      this.#take(this.#transfer.abort(packet.code, packet.message));
  }

  /** Time has passed. */
  wake(now: number): void {
    const transfer = this.#transfer;
    if (!transfer || this.#over) return;
    this.#file?.release();
    if (now >= transfer.deadline) this.#take(transfer.expire(now));
    else this.#wakeInTime();
    if (now - this.#toldAt >= PROGRESS_MS) this.#tellProgress(now);
  }

  #tellProgress(now: number): void {
    const transfer = this.#transfer!;
    if (this.#over || transfer.acknowledged === this.#toldBytes) return;
    this.#toldAt = now;
    this.#toldBytes = transfer.acknowledged;
    this.#ground.sink(progressEvent(this, transfer));
  }

  isRequestedBy(request: Uint8Array): boolean {
    return Buffer.compare(this.#request, request) === 0;
  }

  /** The same request has come once more. */
  repeat(): void {
    if (this.#transfer) this.#take(this.#transfer.repeatFirst(this.#now()));
  }

  /** Milliseconds since the peer last moved the transfer on; undefined while it has not answered at all. */
  quietFor(): number | undefined {
    if (!this.#transfer || this.#transfer.untouched) return undefined;
    return this.#now() - this.#transfer.progressAt;
  }

  /** Ends the transfer and tells the peer. */
  cancel(reason: string): void {
    if (this.#transfer) this.#take(this.#transfer.cancel(reason));
    else this.#ground.refuse(this.peer, ERROR_CODE.undefined, reason);
    this.#close();
  }

  /** Ends the transfer without a word: the peer has turned to something else. */
  abandon(reason: string): void {
    this.#transfer?.cancel(reason);
    this.#close();
  }

  /** Ends the transfer without a word: nobody has answered it. */
  giveWay(): void {
    this.#transfer?.giveWay();
    this.#close();
  }

  #now(): number {
    return this.#ground.clock.monotonic();
  }

  /** Takes the step, and those that follow from it as long as the file is in memory. */
  #take(step: Step): void {
    if (step.type === 'blocks') this.#sendBlocks(step.first, step.last);
    else if (step.type === 'packet') this.#wire!.send(step.bytes);
    if (this.#transfer!.outcome) this.#close();
    else this.#wakeInTime();
  }

  #sendBlocks(first: number, last: number): void {
    try {
      const fetched = this.#file!.fetch(first, last);
      if (fetched) {
        fetched
          .then(() => this.#send(first, last))
          .catch((error: Error) => this.#take(this.#transfer!.fail(error.message)));
        return;
      }
    } catch (error) {
      this.#take(this.#transfer!.fail((error as Error).message));
      return;
    }
    this.#send(first, last);
  }

  #send(first: number, last: number): void {
    if (this.#over) return;
    this.#wire!.sendBlocks(this.#file!, first, last);
    this.#transfer!.sent(this.#now());
    this.#wakeInTime();
  }

  /** The time that it is woken at may be too early, never too late: so an ACK, which puts the deadline off, moves nothing. */
  #wakeInTime(): void {
    const { deadline } = this.#transfer!;
    if (deadline < this.wakesAt) this.#ground.wake(this, deadline);
  }

  async #refuse(error: Error): Promise<void> {
    const { sink, images, refuse } = this.#ground;
    const code = error instanceof AssetError ? error.code : undefined;
    const refusal = refusalOf(code, this.file);
    refuse(this.peer, refusal.code, refusal.text);
    this.#close();
    const { peer, file, number } = this;
    sink(
      await refusal.event({
        address: formatIpv4(peer.address),
        file,
        transfer: number,
        images,
        name: this.#name,
        error,
      }),
    );
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#asset?.close();
    this.#wire?.close();
    const transfer = this.#transfer;
    const isUnheard = transfer?.outcome?.type === 'timeout' && !this.#answered;
    const outcome = isUnheard && this.#ground.isOneOfMany(this) ? UNANSWERED : transfer?.outcome;
    this.#ground.ended(this);
    if (!transfer || !outcome) return;
    const ms = Math.round(this.#now() - this.startedAt);
    this.#ground.sink(outcomeEvent(outcome, this, transfer, ms));
  }
}
