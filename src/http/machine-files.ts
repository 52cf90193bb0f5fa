import { AssetError, type AssetErrorCode } from '../assets/asset.ts';
import type { Images } from '../assets/images.ts';
import { jailedName } from '../assets/jail.ts';
import { nearest } from '../assets/nearest.ts';
import { GENERATED, type GeneratedName, isGenerated, type ServedText } from '../boot/generated.ts';
import { fingerprint } from '../boot/script-mark.ts';
import type { Sink } from '../journal/event.ts';
import { type Answer, type Asked, INERT, PLAIN_TEXT, textAnswer } from './answer.ts';
import { hasIt } from './conditions.ts';
import { fileAnswer } from './file-answer.ts';
import type { GeneratedFiles } from './generated-files.ts';

export interface MachineFilesParts {
  readonly images: Images;
  readonly generated: Pick<GeneratedFiles, 'latest' | 'current' | 'names' | 'problems'>;
  readonly sink: Sink;
}

/** What the wire gets; reasons name paths and are for the log. */
const REFUSALS = {
  400: 'Bad request.\n',
  403: 'Not served from here.\n',
  404: 'No such file.\n',
  500: 'The server failed; its log says why.\n',
  503: 'The server cannot read this file at the moment; its log says why.\n',
  leaving: 'The server is about to stop.\n',
} as const;

type Status = Exclude<keyof typeof REFUSALS, 'leaving'>;

const STATUS: Record<AssetErrorCode, Status> = {
  'not-found': 404,
  'not-a-file': 404,
  forbidden: 403,
  unreadable: 503,
};

/** Seconds: until then whoever stops this process has started another. iPXE asks again by itself (its http_parse_retry_after). */
const BACK_SOON = { 'Retry-After': '5' };

/** A generated text, ready to be sent: made once for all who ask before it changes. */
interface Ready {
  readonly whole: Answer;
  readonly etag: string;
  readonly bytes: number;
}

/** Answers machines with files of images/, those that are generated among them. Says what it answers, but not how sending it goes. */
export class MachineFiles {
  /** The service is about to stop: no file is begun any more. */
  leaving = false;
  readonly #parts: MachineFilesParts;
  readonly #ready = new WeakMap<ServedText, Ready>();

  constructor(parts: MachineFilesParts) {
    this.#parts = parts;
  }

  /** @param path of the URL, with its escapes. At once where nothing has to be looked at; never rejects. */
  answer(asked: Asked, path: string): Answer | Promise<Answer> {
    // Most of what is asked for, by far.
    const plain = path.slice(1);
    if (isGenerated(plain)) return this.#generated(asked, plain);
    let name: string;
    try {
      name = decodeURIComponent(path);
    } catch {
      return this.#refuse(asked, 400, 'the URL is not percent-encoded UTF-8');
    }
    try {
      name = jailedName(name);
    } catch (error) {
      return this.#refuse(asked, 403, error instanceof Error ? error.message : String(error));
    }
    if (isGenerated(name)) return this.#generated(asked, name);
    return this.#file(asked, name).catch((error) => this.#failed(asked, error));
  }

  #generated(asked: Asked, name: GeneratedName): Answer | Promise<Answer> {
    const { latest } = this.#parts.generated;
    if (latest) return this.#text(asked, name, latest[name]);
    return this.#lookedUp(asked, name).catch((error) => this.#failed(asked, error));
  }

  async #lookedUp(asked: Asked, name: GeneratedName): Promise<Answer> {
    return this.#text(asked, name, (await this.#parts.generated.current())[name]);
  }

  #text({ method, address, conditions }: Asked, name: GeneratedName, served: ServedText): Answer {
    const { whole, etag, bytes } = this.#readyText(served);
    if (method === 'GET') {
      const waits = this.#parts.generated.problems.length > 0;
      this.#parts.sink({ kind: 'http.script', address, name, bytes, made: served.made, waits });
    }
    if (hasIt(conditions, { etag })) {
      return { status: 304, headers: { 'Cache-Control': 'no-cache', ETag: etag } };
    }
    return method === 'HEAD' ? { ...whole, body: undefined } : whole;
  }

  #readyText(served: ServedText): Ready {
    const known = this.#ready.get(served);
    if (known) return known;
    const body = Buffer.from(served.text);
    const etag = `"${fingerprint(served.text)}"`;
    const headers = {
      'Content-Type': PLAIN_TEXT,
      ...INERT,
      'Cache-Control': 'no-cache',
      ETag: etag,
      'Content-Length': String(body.length),
    };
    const ready = { whole: { status: 200, headers, body }, etag, bytes: body.length };
    this.#ready.set(served, ready);
    return ready;
  }

  async #file(asked: Asked, name: string): Promise<Answer> {
    const { images, generated, sink } = this.#parts;
    if (this.leaving) return textAnswer(asked.method, 503, REFUSALS.leaving, BACK_SOON);
    try {
      return fileAnswer(asked, await images.open(name));
    } catch (error) {
      if (!(error instanceof AssetError)) throw error;
      if (error.code !== 'not-found') return this.#refuse(asked, STATUS[error.code], error.message);
      const similar = nearest(name, [...GENERATED, ...generated.names]);
      sink({ kind: 'http.not-found', address: asked.address, name, nearest: similar });
      return textAnswer(asked.method, 404, REFUSALS[404]);
    }
  }

  #refuse({ method, target, address }: Asked, status: Status, reason: string): Answer {
    this.#parts.sink({ kind: 'http.refused', address, status, request: `${method} ${target}`, reason });
    return textAnswer(method, status, REFUSALS[status]);
  }

  #failed({ method, target, address }: Asked, error: unknown): Answer {
    const reason = error instanceof Error ? error.message : String(error);
    this.#parts.sink({ kind: 'http.failed', address, request: `${method} ${target}`, reason });
    return textAnswer(method, 500, REFUSALS[500]);
  }
}
