import type {
  Appliance,
  BootChain,
  Health,
  ImageFile,
  Images,
  Leases,
  LeaseView,
  PacketInWords,
  Script,
} from '../../src/http/api/shapes.ts';
import { toAddress, toNumber } from '../../src/http/page/ipv4.ts';
import type { Plan } from './fake-machines.ts';
import { HOSTILE } from './fake-plans.ts';

/** What the fake appliance answers besides machines. */

export function fakeAppliance(): Appliance {
  return {
    version: '0.1.0',
    adapter: { name: 'eth1', address: '10.20.30.1', subnet: '10.20.30.0/23' },
    mode: 'server',
    addresses: { dhcp: '10.20.30.1', tftp: '10.20.30.1', http: '10.20.30.1' },
    httpPort: 80,
    needsToken: false,
  };
}

export function fakeHealth(): Health {
  const now = Date.now();
  const running = { state: 'running', problems: [], since: now - 8_000_000, seen: now } as const;
  return {
    services: [
      { service: 'dhcp', ...running },
      {
        service: 'tftp',
        ...running,
        state: 'failing',
        problems: ['ipxe-arm64.efi could not be fetched: no route to boot.ipxe.org; Debian’s stands in'],
      },
      { service: 'http', ...running },
    ],
    journal: [],
  };
}

export function fakeImages(now: number, hostile: boolean): Images {
  const file = (
    name: string,
    kind: ImageFile['kind'],
    what: string,
    size: number,
    roles: string[],
  ): ImageFile => ({
    name,
    kind,
    what,
    size,
    roles,
    modified: now - 9 * 86_400_000,
    packaged: false,
  });
  const kernel = 'vmlinuz-6.12.48+deb13-amd64';
  const initrd = 'initrd.img-6.12.48+deb13-amd64';
  return {
    choice: {
      ready: true,
      kernel,
      initrds: [initrd],
      cmdline: 'console=tty0 ip=dhcp',
      summary: 'Linux 6.12.48+deb13-amd64 for x64, with one initrd',
      notes: ['chosen since it is the only kernel in images/'],
    },
    files: [
      file(kernel, 'kernel', 'Linux kernel 6.12.48+deb13-amd64 for x64', 12_104_000, ['kernel']),
      file(initrd, 'initrd', 'initrd, zstd', 68_410_000, ['initrd']),
      file('snponly.efi', 'efi', 'EFI program for x64', 273_408, ['loader of UEFI x64']),
      {
        ...file('ipxe-arm64.efi', 'efi', 'EFI program for arm64', 268_800, ['loader of UEFI arm64']),
        packaged: true,
      },
      file('undionly.kpxe', 'nbp', 'network boot program for BIOS', 71_230, ['loader of BIOS']),
      file('memtest.bin', 'other', 'other file', 150_024, []),
      ...(hostile ? HOSTILE.map((name) => file(name, 'other', name, 1, [])) : []),
    ],
    unreadable: [
      { name: 'vmlinuz-old', why: 'may not be read by this service: chmod a+r images/vmlinuz-old' },
    ],
  };
}

export function fakeLeases(plans: readonly Plan[], count: number, now: number): Leases {
  const first = '10.20.30.20';
  const last = toNumber(first) + count;
  const leases = plans
    .filter(({ address }) => toNumber(address) < last)
    .map(({ address, mac, hostName = '' }, index): LeaseView => {
      const state = index === 9 ? 'expired' : index === 11 ? 'released' : index === 13 ? 'declined' : 'bound';
      return { address, mac, hostName, state, expires: now + (state === 'bound' ? 7_000_000 : -600_000) };
    });
  const reserved = [{ address: toAddress(last - 3), holder: 'the gateway' }];
  return { pools: [{ subnet: '10.20.30.0/23', first, count, reserved }], leases };
}

export function fakePackets({ mac, address, from }: Plan): PacketInWords[] {
  const head = ['op 1 (BOOTREQUEST), xid 0x3a7c91d4, secs 4', `chaddr ${mac}`];
  const packet = (
    at: number,
    direction: 'received' | 'sent',
    message: string,
    lines: string[],
  ): PacketInWords => ({
    at: from + at,
    direction,
    message,
    lines,
  });
  const boot = [
    '93 client architecture: UEFI x64 (7)',
    '60 vendor class: PXEClient:Arch:00007:UNDI:003016',
    '55 parameter list: 1, 3, 6, 43, 60, 66, 67, 97',
  ];
  const reply = [
    `op 2 (BOOTREPLY), yiaddr ${address}, siaddr 10.20.30.1`,
    'file snponly.efi',
    '1 subnet mask: 255.255.254.0',
    '3 router: 10.20.30.1',
    '51 lease time: 7200 s',
    '54 server identifier: 10.20.30.1',
  ];
  return [
    packet(0, 'received', 'DISCOVER', [...head, ...boot]),
    packet(14, 'sent', 'OFFER', reply),
    packet(880, 'received', 'REQUEST', [...head, `50 requested address: ${address}`, ...boot]),
    packet(900, 'sent', 'ACK', reply),
  ];
}

export function fakeScript(): Script {
  return {
    name: 'infrakit.ipxe',
    url: 'http://10.20.30.1/infrakit.ipxe',
    made: 'generated',
    text: '#!ipxe\n# remoteboot: generated, and made anew when the configuration changes\nkernel http://10.20.30.1/vmlinuz-6.12.48%2Bdeb13-amd64 initrd=initrd.img console=tty0 ip=dhcp\ninitrd --name initrd.img http://10.20.30.1/initrd.img-6.12.48%2Bdeb13-amd64\nboot\n',
  };
}

export function fakeExplanation(): BootChain {
  const firmware = {
    kind: 'exchange',
    state: 'ok',
    stage: 'firmware',
    who: 'PXE, UEFI x64',
    firmware: 'pxe',
    architecture: 7,
    port: 67,
    destination: '255.255.255.255:68',
    plan: { kind: 'loader', file: 'snponly.efi' },
  } as const;
  return {
    mode: 'server',
    state: 'ok',
    verdict: 'It would boot vmlinuz-6.12.48+deb13-amd64 with initrd.img.',
    links: [
      {
        ...firmware,
        message: 'DISCOVER',
        request: ['request, broadcast', '93 Client System Architecture: 7 UEFI x64'],
        requestBytes: '0101',
        answer: 'OFFER',
        reply: ['reply, yiaddr 10.20.30.20, file "snponly.efi"', '54 Server Identifier: 10.20.30.1'],
        bytes: '0201',
        because: [
          'It asks as firmware (option 60 PXEClient), so it is given a loader.',
          'It had 10.20.30.20 before, and its lease still runs.',
        ],
      },
      {
        kind: 'file',
        stage: 'loader',
        state: 'ok',
        name: 'snponly.efi',
        url: 'tftp://10.20.30.1/snponly.efi',
        size: 280_000,
        what: 'an EFI program for 64-bit x86',
        because: ['It lies in images/.'],
      },
      {
        kind: 'file',
        stage: 'script',
        state: 'ok',
        name: 'infrakit.ipxe',
        url: 'http://10.20.30.1/infrakit.ipxe',
        size: 20,
        because: ['It is made from KERNEL, INITRD and CMDLINE in .env, and from what lies in images/.'],
        text: '#!ipxe\nkernel vmlinuz\n',
      },
    ],
  };
}
