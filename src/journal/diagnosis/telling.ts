/** Cause and remedy without their full stops, in words that a rehearsal uses too. */
export interface Telling {
  readonly cause: string;
  readonly remedy: string;
}

/** There is no loader for this architecture; `file` is the one that is missing, if one is known. */
export function noLoader({
  machines,
  file,
}: {
  readonly machines: string;
  readonly file: string | undefined;
}): Telling {
  return file
    ? {
        cause: `It wants to boot as ${machines}, but images/ has no ${file}, nor could it be fetched: it got an address and nothing to boot`,
        remedy: `Put ${file} into images/ (docker compose run --rm tftp pull fetches it where there is a way to the internet)`,
      }
    : {
        cause: `It wants to boot as ${machines}, which no loader is known for: it got an address and nothing to boot`,
        remedy: 'Switch it to legacy boot (BIOS), or to UEFI of 64 bits, where its setup has that',
      };
}

/** A kernel or initrd that was asked for is not there. */
export function fileMissing({
  file,
  nearest,
  edited,
}: {
  readonly file: string;
  readonly nearest: string | undefined;
  /** The boot script is the operator's own. */
  readonly edited: boolean;
}): Telling {
  return {
    cause: `It asked for ${file}, which images/ does not have${nearest ? `; the nearest name there is ${nearest}` : ''}`,
    remedy: edited
      ? `Put ${file} into images/, or correct the name in your edition of the boot script${nearest ? ` to ${nearest}` : ''}; deleting the script has it generated again`
      : `Put ${file} into images/, or correct KERNEL or INITRD in .env${nearest ? ` (${nearest} is there)` : ''}`,
  };
}

/** A loader that was asked for is not there. */
export function loaderMissing(file: string, nearest: string | undefined): Telling {
  return {
    cause: `It asked for the loader ${file}, which images/ does not have${nearest ? `; there is ${nearest}` : ''}`,
    remedy: /^grub\w*\.efi$/.test(file)
      ? `Put the signed ${file} of the distribution of your shim into images/, see docs/secure-boot.md`
      : `Put ${file} into images/${nearest ? `, or correct the name: ${nearest} is there` : ' (docker compose run --rm tftp pull fetches those of iPXE)'}`,
  };
}

/** What a service's port needs to be reached. */
export const OPEN = {
  tftp: 'Open UDP 69 in the firewall of this host; ADDRESS_TFTP has to be an address that the machine can reach',
  http: (port: number) =>
    `Open TCP ${port} in the firewall of this host; ADDRESS_HTTP has to be an address that the machine can reach`,
} as const;

/** Large blocks that do not arrive at all. */
export function tooNarrow(blksize: number, adapter: string): Telling {
  return {
    cause: `not one block of ${blksize} bytes has arrived, so the way is probably too narrow for them (MTU)`,
    remedy: `Set the adapter's MTU to that of the narrowest link on the way (ip link set ${adapter} mtu 1400), or open the tunnel or VLAN for 1500 bytes; a firewall that drops UDP does the same`,
  };
}
