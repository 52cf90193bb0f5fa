/** Who has which address, dotted, by the newest word on it. The oldest are forgotten. */
export class Owners {
  readonly #limit: number;
  readonly #macs = new Map<string, string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A service gave, or saw it taken. */
  give(address: string, mac: string): void {
    this.#macs.delete(address);
    this.#macs.set(address, mac);
    if (this.#macs.size > this.#limit) this.#macs.delete(this.#macs.keys().next().value!);
  }

  /** For addresses that nothing else is known of. */
  suppose(address: string, mac: string): void {
    if (!this.#macs.has(address)) this.give(address, mac);
  }

  macOf(address: string): string | undefined {
    return this.#macs.get(address);
  }
}
