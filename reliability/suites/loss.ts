import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Images } from '../../bench/images.ts';
import type { Finding, Suite } from '../contract.ts';
import { bootsOver } from '../loss/boots.ts';
import { dhcpOver } from '../loss/dhcp.ts';
import { BOOTS, SCENARIOS, type Scenario } from '../loss/scenarios.ts';
import { tftpOver } from '../loss/tftp.ts';

export const loss: Suite = {
  name: 'loss',
  about:
    'A program forwards frames between server and machines, both ways, and loses, doubles and holds back some by chance; ARP is spared.',
  async run(context) {
    // Servers that give up root have to come by.
    chmodSync(context.folder, 0o755);
    const folder = join(context.folder, 'images');
    mkdirSync(folder, { mode: 0o755 });
    const images = new Images(folder);
    const over = async (scenario: Scenario) => {
      const parts = [tftpOver(scenario, context, images), dhcpOver(scenario, context, images)];
      return (await Promise.all(parts)).flat();
    };
    const findings: Finding[] = [];
    // Of the few that the short form has, nearly all waits.
    if (context.level === 'short') {
      const all = await Promise.all([
        ...SCENARIOS.short.map(over),
        bootsOver(BOOTS.short, context).then((one) => [one]),
      ]);
      return all.flat();
    }
    for (const scenario of SCENARIOS.full) {
      context.log(scenario.name);
      findings.push(...(await over(scenario)));
    }
    context.log('boots');
    return [...findings, await bootsOver(BOOTS.full, context)];
  },
};
