import type { Contender } from '../contract.ts';
import { dnsmasq, dnsmasqProgram } from './dnsmasq.ts';
import { nginx, nginxProgram } from './nginx.ts';
import { serverFolder, startPrograms } from './program.ts';

/** What most people build who boot machines from a network: dnsmasq for addresses and loader, nginx for the rest. */
export const dnsmasqAndNginx: Contender = {
  name: 'dnsmasq + nginx',
  serves: ['dhcp', 'tftp', 'http'],
  settings: 'each as above',
  missing: () => dnsmasq.missing() ?? nginx.missing(),
  version: () => `${dnsmasq.version()} + ${nginx.version()}`,
  async start(field, site) {
    const folder = serverFolder('dnsmasq-nginx');
    return startPrograms(field, folder, [dnsmasqProgram(folder, site), nginxProgram(folder, site)]);
  },
};
