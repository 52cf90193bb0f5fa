import { ApiFailure } from './failure.ts';

/** The parameters of a query string, one value each; what is missing is undefined, what is wrong a 400 with its name in it. */
export class Query {
  readonly #values: URLSearchParams;

  /** `url` is the request's, such as "/api/log?limit=10"; `known` are the parameters that the call has. */
  constructor(url: string, known: readonly string[]) {
    this.#values = new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?') + 1) : '');
    for (const name of this.#values.keys()) {
      if (!known.includes(name))
        throw bad(`there is no parameter ${shown(name)}`, `known are ${known.join(', ')}`);
      if (this.#values.getAll(name).length > 1) throw bad(`${name} is given more than once`, 'give it once');
    }
  }

  text(name: string): string | undefined {
    return this.#values.get(name) || undefined;
  }

  /** One of some words. */
  word<W extends string>(name: string, words: readonly W[]): W | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!words.includes(value as W))
      throw bad(`${name}=${shown(value)} is not known`, `use one of ${words.join(', ')}`);
    return value as W;
  }

  /** A whole number, both ends included. */
  number(name: string, least: number, most: number): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw bad(
      `${name}=${shown(value)} is not a whole number from ${least} to ${most}`,
      `such as ${name}=${most}`,
    );
  }

  mac(name: string): string | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : macOf(value);
  }
}

/**
 * A hardware address as the journal writes it, from any of the usual spellings ("52-54-00-AB-CD-EF").
 * @throws ApiFailure 400 where it is none.
 */
export function macOf(text: string): string {
  const digits = text.toLowerCase().replace(/[:.-]/g, '');
  // A client without a hardware address goes by its client identifier: up to 255 bytes.
  if (!/^([0-9a-f]{2}){1,255}$/.test(digits))
    throw bad(`${shown(text)} is no MAC address`, 'write it as 52:54:00:12:34:56');
  return digits.match(/../g)!.join(':');
}

function bad(error: string, remedy: string): ApiFailure {
  return new ApiFailure(400, error, remedy);
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
