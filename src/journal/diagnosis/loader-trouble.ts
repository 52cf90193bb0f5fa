import type { Boot } from '../timeline/boot.ts';
import { type Signature, signature } from './signature.ts';
import { loaderMissing, noLoader, tooNarrow } from './telling.ts';
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
    cause: (found) => noLoader(found).cause,
    remedy: (found) => noLoader(found).remedy,
  }),
  signature({
    code: 'loader-missing',
    stage: 'loader',
    certainty: 'failed',
    since: ({ failing }, { boot }) => failing ?? boot.to,
    matches: (facts) => facts.failing('loader', 'missing'),
    cause: ({ file, trouble }) => loaderMissing(file, trouble.nearest).cause,
    remedy: ({ file, trouble }, { boot }) =>
      boot.firmware === 'raspberry-pi' ? PI_FILES : loaderMissing(file, trouble.nearest).remedy,
  }),
  signature({
    code: 'loader-stalled',
    stage: 'loader',
    certainty: 'failed',
    since: ({ failing }, { boot }) => failing ?? boot.to,
    matches: (facts) => facts.failing('loader', 'timeout'),
    cause: ({ file, size, trouble, blksize, retransmissions }) =>
      `It stopped answering after ${sizeText(trouble.bytes)} of ${sizeText(size ?? 0)} of ${file}, and ${retransmissions} packets sent again did not help` +
      (trouble.bytes === 0 && (blksize ?? 0) >= LARGE_BLOCK ? `: ${tooNarrow(blksize!, '').cause}` : ''),
    remedy: ({ trouble, blksize }, { boot }) =>
      trouble.bytes === 0 && (blksize ?? 0) >= LARGE_BLOCK
        ? tooNarrow(blksize!, adapterOf(boot)).remedy
        : 'See that no firewall forgets UDP after some seconds (port 69 and its answers), and look at cable and switch port; a machine that was reset looks the same',
  }),
];

const PI_FILES =
  'Put the boot files of the Raspberry Pi (start4.elf, config.txt, kernel8.img …) into images/, or into a folder there that is named after its serial number';

function adapterOf({ around }: Boot): string {
  return (around.profiles.tftp ?? around.profiles.dhcp)?.adapter.name ?? 'ADAPTER';
}
