import { type Asset, AssetError, type AssetSource } from '../assets/asset.ts';
import type { Sink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import { formatIpv4 } from '../protocol/ipv4.ts';
import { type Limits, negotiate } from '../protocol/tftp/negotiate.ts';
import { ERROR_CODE, type Options, type Packet } from '../protocol/tftp/packet.ts';
import { outcomeEvent, progressEvent, startEvent } from './outcome.ts';
import { refusalOf } from './refusal.ts';
import { printable } from './request.ts';
import { type Step, Transfer } from './transfer.ts';
import { type Peer, peerKey, type Wire } from './wire.ts';

/** How often a transfer tells how far it is, at most. */
const PROGRESS_MS = 500;

/** What every session works with. */
export interface Ground {
  readonly clock: Clock;
  readonly sink: Sink;
  readonly assets: AssetSource;
  /** The folder that assets come from, for messages. */
  readonly images: string;
  readonly limits: Limits;
  openWire(session: Session): Wire | Promise<Wire>;
  /** An ERROR instead of a transfer. */
  refuse(peer: Peer, code: number, text: string): void;
  ended(session: Session): void;
}

/** Opens the file that one peer asked for and drives its transfer: the steps that it names are taken here. */
export class Session {
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
  readonly #startedAt: number;
  #asset: Asset | undefined;
  #wire: Wire | undefined;
  #transfer: Transfer | undefined;
  #over = false;
  #told: { at: number; bytes: number };

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
    this.#startedAt = ground.clock.monotonic();
    this.#told = { at: this.#startedAt, bytes: 0 };
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
      this.#transfer = new Transfer(asset.size, negotiate(this.#options, asset.size, limits));
    } catch (error) {
      if (!this.#over) await this.#refuse(error as Error);
      return;
    }
    sink(startEvent(this, this.#transfer));
    this.#take(this.#transfer.start(this.#now()));
  }

  receive(packet: Packet): void {
    if (this.#transfer) this.#take(this.#transfer.receive(packet, this.#now()));
  }

  /** Time has passed. */
  tick(now: number): void {
    this.#tellProgress(now);
    if (this.#transfer && now >= this.#transfer.deadline) this.#take(this.#transfer.expire(now));
  }

  #tellProgress(now: number): void {
    const transfer = this.#transfer;
    if (!transfer || transfer.acknowledged === this.#told.bytes || now - this.#told.at < PROGRESS_MS) return;
    this.#told = { at: now, bytes: transfer.acknowledged };
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

  #now(): number {
    return this.#ground.clock.monotonic();
  }

  /** Takes the step, and those that follow from it as long as reads are answered at once. */
  #take(first: Step): void {
    const transfer = this.#transfer!;
    let step = first;
    for (;;) {
      if (step.send.length > 0) this.#wire!.send(step.send);
      if (!step.read) break;
      const { offset, length } = step.read;
      try {
        const bytes = length === 0 ? EMPTY : this.#asset!.read(offset, length);
        if (bytes instanceof Promise) {
          this.#takeLater(bytes);
          return;
        }
        step = transfer.provide(bytes, this.#now());
      } catch (error) {
        step = transfer.fail((error as Error).message);
      }
    }
    if (transfer.outcome) this.#close();
  }

  #takeLater(bytes: Promise<Uint8Array>): void {
    const transfer = this.#transfer!;
    bytes.then(
      (read) => this.#take(transfer.provide(read, this.#now())),
      (error: Error) => this.#take(transfer.fail(error.message)),
    );
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
    this.#ground.ended(this);
    const transfer = this.#transfer;
    if (!transfer?.outcome) return;
    const ms = Math.round(this.#now() - this.#startedAt);
    this.#ground.sink(outcomeEvent(transfer.outcome, this, transfer, ms));
  }
}

const EMPTY = new Uint8Array(0);
