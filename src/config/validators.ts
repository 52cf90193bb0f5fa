import { EnvError, makeExactValidator } from 'envalid';
import { type Ipv4, parseIpv4 } from '../protocol/ipv4.ts';
import { parseSubnets, type SubnetWish } from './subnets.ts';

/** Each parses one variable's text, or throws EnvError with the reason as the end of a sentence. */

function validator<T>(parse: (text: string) => T) {
  return makeExactValidator<T>((text) => parse(text.trim()));
}

const fail = (reason: string): never => {
  throw new EnvError(reason);
};

export const address = validator<Ipv4>(
  (text) => parseIpv4(text) ?? fail('is not an IPv4 address (four numbers from 0 to 255 with dots between)'),
);

/** An address, or `none` for an option that is left out of replies. */
export const addressOrNone = validator<Ipv4 | 'none'>((text) =>
  text === 'none' ? 'none' : (parseIpv4(text) ?? fail('is neither an IPv4 address nor "none"')),
);

export const addressesOrNone = validator<readonly Ipv4[] | 'none'>((text) => {
  if (text === 'none') return 'none';
  const words = listOf(text);
  if (words.length > 8) return fail(`names ${words.length} servers; machines use 8 at the most`);
  return words.map((word) => parseIpv4(word) ?? fail(`holds "${word}", which is not an IPv4 address`));
});

export const subnets = validator<readonly SubnetWish[]>((text) => {
  const { subnets, mistakes } = parseSubnets(text);
  return mistakes.length === 0 ? subnets : fail(mistakes.join('; '));
});

export const adapterName = validator<string>((text) =>
  /^[^\s/:]{1,15}$/.test(text)
    ? text
    : fail('cannot be an adapter: names have 1 to 15 characters without spaces, "/" and ":"'),
);

/** A whole number of addresses, ports and the like. */
export function wholeNumber(lowest: number, highest: number) {
  return validator<number>((text) => {
    if (!/^\d{1,9}$/.test(text)) return fail(`is not a whole number from ${lowest} to ${highest}`);
    const number = Number(text);
    return number >= lowest && number <= highest ? number : fail(`is not between ${lowest} and ${highest}`);
  });
}

const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
const SHORTEST_LEASE = 60;
/** 0xffffffff means "for ever" on the wire (RFC 2132 §9.2); a year is as good and can be taken back. */
const LONGEST_LEASE = 365 * 86_400;

/** "2h", "90m", "1d12h", or plain seconds → seconds. */
export const leaseTime = validator<number>((text) => {
  const parts = [...text.matchAll(/(\d{1,9})([smhdw])/g)];
  const spelled = parts.map((part) => part[0]).join('') === text && parts.length > 0;
  if (!spelled && !/^\d{1,9}$/.test(text))
    return fail('is not a duration: write numbers with s, m, h, d or w, such as 90m or 2h');
  const seconds = spelled
    ? parts.reduce(
        (sum, [, count, unit]) => sum + Number(count) * UNIT_SECONDS[unit as keyof typeof UNIT_SECONDS],
        0,
      )
    : Number(text);
  if (seconds < SHORTEST_LEASE)
    return fail('is shorter than a minute: machines would spend their time renewing');
  return seconds <= LONGEST_LEASE ? seconds : fail('is longer than a year');
});

/** One name inside images/, "/" between folders. */
export const fileName = validator<string>(checkedFileName);

export const fileNames = validator<readonly string[]>((text) =>
  text === 'none' ? [] : listOf(text).map(checkedFileName),
);

function checkedFileName(text: string): string {
  const name = text.replace(/^(\.\/)+/, '');
  if (hasControl(name) || name.length === 0) return fail('is not a file name');
  if (name.startsWith('/')) return fail('is an absolute path: give the name inside images/');
  if (name.split('/').some((part) => part === '..' || part.startsWith('.'))) {
    return fail('leads outside images/, or names a hidden file, which is never served');
  }
  return name;
}

export const domain = validator<string>((text) => {
  const name = text.replace(/\.$/, '');
  return name.length <= 253 &&
    name.split('.').every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label))
    ? name
    : fail('is not a domain name (letters, digits and hyphens, dots between)');
});

const LOADER_SCHEMES = ['http:', 'https:', 'tftp:'];

export const loaderUrl = validator<string>((text) => {
  const url = URL.canParse(text) ? new URL(text) : fail('is not a URL');
  if (!LOADER_SCHEMES.includes(url.protocol)) return fail('is not a URL of http, https or tftp');
  return url.href;
});

export const sha256List = validator<readonly string[]>((text) =>
  listOf(text).map((word) =>
    /^[0-9a-f]{64}$/i.test(word)
      ? word.toLowerCase()
      : fail(`holds "${word}", which is no SHA-256 (64 hexadecimal digits, as sha256sum prints)`),
  ),
);

/** x86 Linux reads 2047 characters of command line, arm64 too. */
const LONGEST_CMDLINE = 2047;

export const cmdline = validator<string>((text) => {
  if (hasControl(text)) return fail('holds a line break or another control character');
  return text.length <= LONGEST_CMDLINE
    ? text
    : fail(`has ${text.length} characters; Linux reads ${LONGEST_CMDLINE}`);
});

/** A secret that callers send; its text never reaches a message. */
export const token = validator<string>((text) =>
  /^[\w.~+/=-]{16,200}$/.test(text)
    ? text
    : fail('is no token: it takes 16 to 200 letters, digits or any of - . _ ~ + / ='),
);

export const directory = validator<string>((text) => (hasControl(text) ? fail('is not a path') : text));

export function oneOf<const T extends string>(...choices: readonly T[]) {
  return validator<T>(
    (text) => choices.find((choice) => choice === text) ?? fail(`is not one of ${choices.join(', ')}`),
  );
}

function listOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word.length > 0);
}

function hasControl(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return /[\u0000-\u001f\u007f]/.test(text);
}
