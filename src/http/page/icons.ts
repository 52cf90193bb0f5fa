import type { Attempt } from '../../journal/timeline/model.ts';
import { type Child, html } from './preact.js';

/** A machine's firmware and architecture as a small chip: what it is stands in its middle, what starts it below. */

const SHORT: readonly [RegExp, string][] = [
  [/arm64/i, 'a64'],
  [/arm/i, 'arm'],
  [/x64/i, 'x64'],
  [/x86|bios|pc98/i, 'x86'],
];

export interface Kind {
  readonly chip: string;
  readonly word: string;
  /** In full, for whoever cannot see it. */
  readonly title: string;
}

/** What there is to say of the machine, from its first request. */
export function kindOf(attempt: Pick<Attempt, 'firmware' | 'architecture'> | undefined): Kind {
  const name = attempt?.architecture?.name;
  const chip = name === undefined ? '?' : (SHORT.find(([pattern]) => pattern.test(name))?.[1] ?? '?');
  const uefi = name?.startsWith('UEFI') ?? false;
  switch (attempt?.firmware) {
    case undefined:
      return { chip, word: '', title: 'Firmware not known' };
    case 'raspberry-pi':
      return { chip: 'Pi', word: 'Pi', title: `Raspberry Pi${name ? `, ${name}` : ''}` };
    case 'ipxe':
      return { chip, word: 'iPXE', title: `iPXE in the card${name ? `, ${name}` : ''}` };
    case 'http':
      return { chip, word: 'HTTP', title: `${name ?? 'UEFI'}: UEFI HTTP Boot` };
    case 'other':
      return { chip: 'OS', word: 'DHCP', title: 'An installed system' };
    default:
      return { chip, word: uefi ? 'UEFI' : 'BIOS', title: name ?? 'PXE, architecture not told' };
  }
}

const PINS = [10, 16, 22]
  .flatMap((at) => [`M${at} 2v4`, `M${at} 26v4`, `M2 ${at}h4`, `M26 ${at}h4`])
  .join('');

export function KindIcon({ attempt }: { attempt: Attempt | undefined }): Child {
  const { chip, word, title } = kindOf(attempt);
  return html`<span class="kind" role="img" aria-label=${title} title=${title}>
    <svg viewBox="0 0 32 32" width="34" height="34" aria-hidden="true">
      <path class="pins" d=${PINS} />
      <rect x="6" y="6" width="20" height="20" rx=${word === 'UEFI' || word === 'HTTP' ? 6 : 2} />
      <text x="16" y="19" text-anchor="middle">${chip}</text>
    </svg>
    <span aria-hidden="true">${word}</span>
  </span>`;
}
