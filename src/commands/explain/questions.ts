import type { Firmware } from '../../boot/client.ts';
import { parseIpv4 } from '../../protocol/ipv4.ts';

/** What dhcp is asked by its control socket (POST /explain). */
export type Question =
  | ({
      readonly mac: string;
      readonly firmware: Firmware;
      readonly architecture?: number;
      readonly port?: 67 | 4011;
    } & Told)
  | { readonly packet: string; readonly port: 67 | 4011; readonly from?: string };

/** What of a machine was told besides its MAC. */
export interface Told {
  readonly hostName?: string;
  readonly relay?: string;
}

/** The command's words, as they were given. */
export interface Words {
  readonly mac?: string | undefined;
  readonly firmware?: string | undefined;
  readonly architecture?: string | undefined;
  readonly 'host-name'?: string | undefined;
  readonly relay?: string | undefined;
  readonly port?: string | undefined;
  readonly packet?: string | undefined;
  readonly from?: string | undefined;
}

/** machine: nothing is said of what it starts with. */
export type Asked =
  | { readonly kind: 'machine'; readonly mac: string; readonly told: Told }
  | { readonly kind: 'exactly'; readonly question: Question }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] };

const FIRMWARE: Readonly<Record<string, Firmware>> = {
  pxe: 'pxe',
  http: 'http',
  ipxe: 'ipxe',
  'raspberry-pi': 'raspberry-pi',
  system: 'other',
};
/** Option 93 by PXE, and by HTTP Boot; no BIOS speaks HTTP. */
const ARCHITECTURE: Readonly<Record<string, { readonly pxe: number; readonly http?: number }>> = {
  bios: { pxe: 0 },
  ia32: { pxe: 6, http: 15 },
  x64: { pxe: 7, http: 16 },
  arm32: { pxe: 10, http: 18 },
  arm64: { pxe: 11, http: 19 },
};
const MAC = /^([0-9a-f]{2}([:-]?)){5}[0-9a-f]{2}$/i;
const HEX = /^([0-9a-f]{2})+$/i;

/** Checks the words and makes a question of them. */
export function askedBy(words: Words): Asked {
  const problems: string[] = [];
  const one = <T>(value: T | undefined, problem: string): T | undefined => {
    if (value === undefined) problems.push(problem);
    return value;
  };
  const port = portOf(words.port, one);
  if (words.packet !== undefined) {
    const packet = words.packet.replace(/\s+/g, '').toLowerCase();
    if (!HEX.test(packet)) problems.push('--packet is no DHCP packet in hex, nor a file that holds one');
    const { from } = words;
    const question = { packet, port, ...(from === undefined ? {} : { from }) };
    return problems.length > 0 ? { kind: 'wrong', problems } : { kind: 'exactly', question };
  }
  const mac = words.mac !== undefined && MAC.test(words.mac) ? plain(words.mac) : '';
  if (!mac)
    problems.push(
      words.mac === undefined
        ? 'the MAC is missing'
        : `"${words.mac}" is no MAC: give it as 52:54:00:12:34:56`,
    );
  const told = toldOf(words, one);
  const { firmware: word, architecture: arch } = words;
  if (word === undefined && arch === undefined && words.port === undefined)
    return problems.length > 0 ? { kind: 'wrong', problems } : { kind: 'machine', mac, told };
  const firmware = one(
    Object.hasOwn(FIRMWARE, word ?? 'pxe') ? FIRMWARE[word ?? 'pxe'] : undefined,
    `--firmware is "${word}": give one of ${Object.keys(FIRMWARE).join(', ')}`,
  );
  const architecture =
    arch === undefined
      ? undefined
      : one(
          architectureOf(arch, firmware),
          `--architecture is "${arch}": give one of ${Object.keys(ARCHITECTURE).join(', ')} (no BIOS boots by http), or the number of option 93`,
        );
  if (problems.length > 0 || !firmware) return { kind: 'wrong', problems };
  const known = architecture === undefined ? {} : { architecture };
  return { kind: 'exactly', question: { mac, firmware, port, ...known, ...told } };
}

type One = <T>(value: T | undefined, problem: string) => T | undefined;

function portOf(text = '67', one: One): 67 | 4011 {
  const port = text === '67' ? 67 : text === '4011' ? 4011 : undefined;
  return one<67 | 4011>(port, `--port is "${text}": give 67, or 4011 for what a boot server is asked`) ?? 67;
}

function toldOf({ 'host-name': hostName, relay }: Words, one: One): Told {
  if (relay !== undefined) {
    const address = parseIpv4(relay) || undefined;
    one(address, `--relay is "${relay}": give its address, as 10.1.0.1`);
  }
  if (hostName !== undefined) {
    const fits = /^[\x21-\x7e]{1,63}$/.test(hostName) || undefined;
    one(fits, `--host-name is "${hostName}": give 1 to 63 letters, digits and signs`);
  }
  return { ...(hostName === undefined ? {} : { hostName }), ...(relay === undefined ? {} : { relay }) };
}

function architectureOf(word: string, firmware: Firmware | undefined): number | undefined {
  if (/^\d{1,5}$/.test(word)) return Number(word) <= 0xffff ? Number(word) : undefined;
  const known = Object.hasOwn(ARCHITECTURE, word) ? ARCHITECTURE[word] : undefined;
  return firmware === 'http' ? known?.http : known?.pxe;
}

function plain(mac: string): string {
  return mac.toLowerCase().replace(/[:-]/g, '').match(/../g)!.join(':');
}
