import { join } from 'node:path';
import type { Contender, Site } from '../contract.ts';
import { SERVER, SERVER_ADAPTER } from '../field.ts';
import { poolOf } from '../pool.ts';
import { missing, version } from './debian.ts';
import { type Program, serverFolder, startPrograms } from './program.ts';

export const DNSMASQ = { file: '/usr/sbin/dnsmasq', package: 'dnsmasq-base' };

/** How dnsmasq serves the site's DHCP and TFTP. */
export function dnsmasqProgram(folder: string, site: Site): Program {
  const pool = poolOf(site);
  const dhcp = [
    `--dhcp-range=${pool.start},${pool.end},255.0.0.0,${pool.leaseSeconds}`,
    `--dhcp-lease-max=${pool.count}`,
    `--dhcp-leasefile=${join(folder, 'leases')}`,
    '--no-ping',
    '--dhcp-authoritative',
    `--dhcp-option=option:router,${SERVER}`,
    `--dhcp-option=option:dns-server,${SERVER}`,
    ...(site.boot ? BOOT : ['--dhcp-boot=undionly.kpxe']),
  ];
  const tftp = ['--enable-tftp', `--tftp-root=${site.images}`, '--tftp-max=1000'];
  const [withDhcp, withTftp] = [site.services.includes('dhcp'), site.services.includes('tftp')];
  return {
    file: DNSMASQ.file,
    args: [
      ...['--keep-in-foreground', '--log-facility=/dev/null', '--quiet-dhcp', '--quiet-tftp', '--quiet-ra'],
      ...['--conf-file=/dev/null', `--pid-file=${join(folder, 'pid')}`, '--user=root', '--port=0'],
      ...[`--interface=${SERVER_ADAPTER}`, '--bind-interfaces', '--except-interface=lo'],
      ...(withDhcp ? dhcp : []),
      ...(withTftp ? tftp : []),
    ],
    listens: [...(withDhcp ? (['udp 67'] as const) : []), ...(withTftp ? (['udp 69'] as const) : [])],
  };
}

/** The same loaders and the same script as ours tells machines to load; iPXE is known by its option 175. */
const BOOT = [
  '--dhcp-match=set:ipxe,175',
  '--dhcp-match=set:uefi,option:client-arch,7',
  '--dhcp-match=set:uefi,option:client-arch,9',
  '--dhcp-boot=tag:!ipxe,tag:!uefi,undionly.kpxe',
  '--dhcp-boot=tag:!ipxe,tag:uefi,snponly.efi',
  `--dhcp-boot=tag:ipxe,http://${SERVER}/infrakit.ipxe`,
  // no-pxedhcp, which ours says as well: iPXE does not wait for a proxy.
  '--dhcp-option=encap:175,176,1b',
];

export const dnsmasq: Contender = {
  name: 'dnsmasq',
  serves: ['dhcp', 'tftp'],
  settings:
    'no log; no DNS; --no-ping, since the others do not ping addresses either; --dhcp-lease-max and --tftp-max raised to what is asked of it (otherwise 1,000 leases and 50 transfers)',
  missing: () => missing(DNSMASQ),
  version: () => version(DNSMASQ),
  async start(field, site) {
    const folder = serverFolder('dnsmasq');
    return startPrograms(field, folder, [dnsmasqProgram(folder, site)]);
  },
};
