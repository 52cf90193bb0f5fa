import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender } from '../contract.ts';
import { SERVER, SERVER_ADAPTER } from '../field.ts';
import { poolOf } from '../pool.ts';
import { missing, version } from './debian.ts';
import { serverFolder, startPrograms } from './program.ts';

const PACKAGED = { file: '/usr/sbin/kea-dhcp4', package: 'kea-dhcp4-server' };

/** What /etc/kea/kea-dhcp4.conf of Debian says, with a subnet, and without what is there as an example. */
function configuration(leases: string, pool: ReturnType<typeof poolOf>) {
  return {
    Dhcp4: {
      'interfaces-config': { interfaces: [SERVER_ADAPTER] },
      'lease-database': { type: 'memfile', persist: true, name: leases, 'lfc-interval': 3600 },
      'expired-leases-processing': {
        'reclaim-timer-wait-time': 10,
        'flush-reclaimed-timer-wait-time': 25,
        'hold-reclaimed-time': 3600,
        'max-reclaim-leases': 100,
        'max-reclaim-time': 250,
        'unwarned-reclaim-cycles': 5,
      },
      'valid-lifetime': pool.leaseSeconds,
      'option-data': [
        { name: 'domain-name-servers', data: SERVER },
        { name: 'routers', data: SERVER },
      ],
      'next-server': SERVER,
      'boot-file-name': 'undionly.kpxe',
      subnet4: [{ id: 1, subnet: '10.0.0.0/8', pools: [{ pool: `${pool.start} - ${pool.end}` }] }],
      loggers: [{ name: 'kea-dhcp4', output_options: [{ output: 'stderr' }], severity: 'WARN' }],
    },
  };
}

export const kea: Contender = {
  name: 'kea',
  serves: ['dhcp'],
  settings:
    "Debian's kea-dhcp4.conf with one subnet, without the control socket and log lines of severity INFO; leases in a memfile on disk, which Kea writes without fsync",
  missing: () => missing(PACKAGED),
  version: () => version(PACKAGED),
  async start(field, site) {
    const folder = serverFolder('kea');
    const file = join(folder, 'kea.json');
    writeFileSync(file, JSON.stringify(configuration(join(folder, 'leases.csv'), poolOf(site))));
    return startPrograms(field, folder, [
      {
        file: PACKAGED.file,
        args: ['-c', file],
        environment: {
          KEA_PIDFILE_DIR: folder,
          KEA_LOCKFILE_DIR: folder,
          // Newer ones write leases nowhere else.
          KEA_DHCP_DATA_DIR: folder,
        },
        listens: ['udp 67'],
      },
    ]);
  },
};
