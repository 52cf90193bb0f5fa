import type { Diagnosis } from '../../src/journal/timeline/model.ts';
import { BOOT_MS, type Plan } from './fake-machines.ts';

/** The machines of the fake appliance: some on their way, some booted, one of each kind of trouble. */

const UEFI = { code: 7, name: 'UEFI x64' };
const BIOS = { code: 0, name: 'BIOS x86' };
const ARM = { code: 11, name: 'UEFI arm64' };

export const DIAGNOSES: Record<string, Omit<Diagnosis, 'at' | 'stage'>> = {
  secureBoot: {
    code: 'loader-never-came-back',
    certainty: 'failed',
    cause:
      'It loaded snponly.efi, and iPXE never asked for an address: Secure Boot is on, or the loader is of another architecture.',
    remedy: 'Switch Secure Boot off in its firmware setup, or serve a signed shim: see docs/secure-boot.md.',
  },
  missingKernel: {
    code: 'kernel-not-found',
    certainty: 'failed',
    cause: 'It asked for vmlinuz-6.12, which images/ does not have.',
    remedy: 'The nearest name there is vmlinuz-6.12.48+deb13-amd64: set KERNEL to it, or rename the file.',
  },
  retransmits: {
    code: 'tftp-retransmits',
    certainty: 'suspect',
    cause:
      '14 of 192 packets of snponly.efi had to be sent again: packets are lost between here and the machine.',
    remedy:
      'Look for a firewall, or an MTU below 1500 on the way; TFTP_BLKSIZE=1024 goes through smaller ones.',
  },
};

/** What a hostile machine may call itself. */
export const HOSTILE = [
  '<img src=x onerror="alert(1)">',
  '"><script>alert(1)</script>',
  '\u202egnp.exe\u0000\u001b[31m',
  'javascript:alert(1)',
  '\u{1f4a5}'.repeat(40),
  '${alert(1)}',
];

export function plans(count: number, now: number, hostile = false): Plan[] {
  return Array.from({ length: count }, (_, index) => {
    const base = plan(index, now);
    const hostName = HOSTILE[index];
    return hostile && hostName !== undefined ? { ...base, hostName } : base;
  });
}

function plan(index: number, now: number): Plan {
  const mac = `52:54:00:${[index >> 8, index & 255, 0x1a].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
  const address = `10.20.${30 + (index >> 7)}.${20 + (index & 127)}`;
  const common = {
    mac,
    address,
    slowness: 1 + (index % 5) * 0.15,
    firmware: 'pxe' as const,
    earlier: index % 4,
  };
  const named = {
    ...common,
    hostName: `${['node', 'rack', 'kiosk'][index % 3]}-${String(index + 1).padStart(2, '0')}`,
  };
  switch (index) {
    case 0:
      return { ...named, hostName: 'db-primary', from: now - 9500, slowness: 1.3, architecture: UEFI };
    case 1:
      return {
        ...named,
        from: now - 45_000,
        architecture: UEFI,
        stops: { stage: 'ipxe', diagnosis: DIAGNOSES.secureBoot! },
      };
    case 2:
      return { ...named, from: now - 340_000, architecture: BIOS, earlier: 2 };
    case 3:
      return {
        ...named,
        from: now - 82_000,
        architecture: ARM,
        stops: { stage: 'kernel', diagnosis: DIAGNOSES.missingKernel! },
      };
    case 4:
      return {
        ...named,
        from: now - 1500,
        slowness: 2,
        architecture: BIOS,
        stops: { stage: 'loader', diagnosis: DIAGNOSES.retransmits! },
      };
    case 5:
      return {
        ...common,
        from: now - 4200,
        firmware: 'ipxe',
        skips: ['loader'],
        architecture: BIOS,
        slowness: 2.2,
      };
    case 6:
      return {
        ...named,
        from: now - 7_400_000,
        unknown: ['loader', 'ipxe'],
        architecture: UEFI,
        outcome: 'unknown',
      };
    case 7:
      return { ...named, from: now - 90_000, firmware: 'raspberry-pi', skips: ['ipxe'], architecture: ARM };
    case 8:
      return {
        ...named,
        from: now - 26 * 3_600_000,
        architecture: { code: 16, name: 'UEFI x64 HTTP' },
        firmware: 'http',
      };
    default:
      return {
        ...named,
        from: now - (index % 3 === 0 ? (index * 997) % BOOT_MS : 60_000 + index * 41_000),
        architecture: [UEFI, UEFI, BIOS, ARM][index % 4]!,
      };
  }
}
