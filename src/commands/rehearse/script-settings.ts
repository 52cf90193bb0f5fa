/** Settings that every machine has and nobody else knows (ipxe.org/cfg); others are empty until a script sets them. */
const OF_MACHINE: ReadonlySet<string> = new Set([
  ...[
    'asset',
    'board-serial',
    'busid',
    'bustype',
    'chip',
    'cpumodel',
    'cpuvendor',
    'errno',
    'hostname',
    'manufacturer',
  ],
  ...['memsize', 'password', 'product', 'serial', 'unixtime', 'username', 'uuid', 'version'],
]);

/** References inside of references. */
const DEEPEST = 8;
const REFERENCE = /\$\{([^${}]*)\}/g;

/** iPXE's settings while a script runs: `${net0/mac}`, `${mac:hexhyp}`, and what it sets itself. */
export class Settings {
  readonly #values: Map<string, string>;

  constructor(known: ReadonlyMap<string, string>) {
    this.#values = new Map(known);
  }

  set(name: string, value: string): 'ok' {
    this.#values.set(plainName(name), value);
    return 'ok';
  }

  /** Expands from the inside out, as iPXE does. */
  expand(text: string): string {
    let expanded = text;
    for (let depth = 0; depth < DEEPEST && expanded.includes('${'); depth++)
      expanded = expanded.replace(REFERENCE, (_, reference: string) => this.#value(reference));
    return expanded;
  }

  /** Names in a text that only a machine could fill in. */
  unknownIn(text: string): string[] {
    return [...text.matchAll(REFERENCE)]
      .map(([, reference = '']) => reference)
      .filter((reference) => {
        const name = plainName(reference.split(':')[0]!);
        return !this.#values.has(name) && (OF_MACHINE.has(name) || name.includes('/'));
      });
  }

  #value(reference: string): string {
    const [name = '', format = ''] = reference.split(':');
    const value = this.#values.get(plainName(name)) ?? '';
    if (format === 'hexhyp') return value.replaceAll(':', '-');
    return format === 'hexraw' ? value.replaceAll(':', '') : value;
  }
}

/** The card that the machine boots from is told of in several ways; a rehearsal has one card. */
function plainName(name: string): string {
  return name.replace(/^(net0|netX|net\d+)\//, '');
}
