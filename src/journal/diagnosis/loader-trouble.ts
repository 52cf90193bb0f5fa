import type { Boot } from '../timeline/boot.ts';
import { type Signature, signature } from './signature.ts';
import { sizeText } from './words.ts';

/** Blocks that fill a packet of 1500 bytes; what is smaller passes through every tunnel. */
const LARGE_BLOCK = 1300;

/** The firmware did not get its loader, as dhcp or tftp have said. */
export const loaderTrouble: readonly Signature[] = [
  signature({
    code: 'no-loader',
    stage: 'loader',
    certainty: 'failed',
    matches: (facts) => {
      const none = facts.remark('dhcp.no-loader')?.event;
      return none && facts.notBeyond('address') ? none : undefined;
    },
    cause: ({ machines, file }) =>
      file
        ? `It wants to boot as ${machines}, but images/ has no ${file}, nor could it be fetched: it got an address and nothing to boot`
        : `It wants to boot as ${machines}, which no loader is known for: it got an address and nothing to boot`,
    remedy: ({ file }) =>
      file
        ? `Put ${file} into images/ (docker compose run --rm tftp pull fetches it where there is a way to the internet)`
        : 'Switch it to UEFI or to legacy boot of x86 or arm64 in its setup, where it has that',
  }),
  signature({
    code: 'loader-missing',
    stage: 'loader',
    certainty: 'failed',
    since: ({ failing }, { boot }) => failing ?? boot.to,
    matches: (facts) => facts.failing('loader', 'missing'),
    cause: ({ file, trouble }) =>
      `It asked for the loader ${file}, which images/ does not have${trouble.nearest ? `; there is ${trouble.nearest}` : ''}`,
    remedy: ({ file, trouble }) =>
      /^grub\w*\.efi$/.test(file)
        ? `Put the signed ${file} of the distribution of your shim into images/, see docs/secure-boot.md`
        : `Put ${file} into images/${trouble.nearest ? `, or correct the name: ${trouble.nearest} is there` : ' (docker compose run --rm tftp pull fetches those of iPXE)'}`,
  }),
  signature({
    code: 'loader-stalled',
    stage: 'loader',
    certainty: 'failed',
    since: ({ failing }, { boot }) => failing ?? boot.to,
    matches: (facts) => facts.failing('loader', 'timeout'),
    cause: ({ file, size, trouble, blksize, retransmissions }) =>
      `It stopped answering after ${sizeText(trouble.bytes)} of ${sizeText(size ?? 0)} of ${file}, and ${retransmissions} packets sent again did not help` +
      (trouble.bytes === 0 && (blksize ?? 0) >= LARGE_BLOCK
        ? `: not one block of ${blksize} bytes has arrived, so the way is probably too narrow for them (MTU)`
        : ''),
    remedy: ({ trouble, blksize }, { boot }) =>
      trouble.bytes === 0 && (blksize ?? 0) >= LARGE_BLOCK
        ? `Set the adapter's MTU to that of the narrowest link on the way (ip link set ${adapterOf(boot)} mtu 1400), or open the tunnel or VLAN for 1500 bytes; a firewall that drops UDP does the same`
        : 'See that no firewall forgets UDP after some seconds (port 69 and its answers), and look at cable and switch port; a machine that was reset looks the same',
  }),
];

function adapterOf({ around }: Boot): string {
  return (around.profiles.tftp ?? around.profiles.dhcp)?.adapter.name ?? 'ADAPTER';
}
