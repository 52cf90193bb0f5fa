/** The option registry of the `dhcp` package, which has no types of its own. */
declare module 'dhcp/lib/options.js' {
  interface OptionEntry {
    readonly name: string;
    /** Named after the package's SeqBuffer accessors: IP, IPs, ASCII, UInt8, UInt8s, UInt16, UInt16s, UInt32, Bool, Hex … */
    readonly type: string;
    readonly enum?: Readonly<Record<number, string>>;
  }
  const options: {
    readonly opts: Readonly<Record<number, OptionEntry | undefined>>;
    addOption(code: number, entry: OptionEntry): void;
  };
  export default options;
}
