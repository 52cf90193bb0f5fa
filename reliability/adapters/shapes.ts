import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../test/lab/net.ts';
import type { Context, Finding } from '../contract.ts';
import { Prober } from './prober.ts';
import { OTHER, SERVED, Site } from './site.ts';
import { Tap } from './tap.ts';
import { addVlans } from './vlans.ts';

const LISTENS_MS = { short: 1000, full: 4000 } as const;

/** What adapters there are besides a plain card: VLANs on a trunk, bridges and their ports, macvlan. */
export async function shapes(context: Context): Promise<Finding[]> {
  return [...(await vlans(context)), await bridge(context), await macvlan(context)];
}

/** A trunk that carries three networks: untagged, VLAN 100 and VLAN 200. One of them is served, and by turns each. */
async function vlans(context: Context): Promise<Finding[]> {
  const site = new Site(context.lab, `${context.folder}/vlans`);
  site.plug(SERVED);
  const tagging = await addVlans(site.server, 'lan0', { 100: '10.77.100.1/24', 200: '10.77.200.1/24' });
  await addVlans(site.inside, 'eth0', { 100: '10.77.100.200/24', 200: '10.77.200.200/24' });
  const networks = ['', '.100', '.200'];
  const taps = await Promise.all(networks.map((vlan) => Tap.on(site.inside, `eth0${vlan}`, 'inet')));
  const probers = networks.map((vlan, n) => new Prober(site.inside, `eth0${vlan}`, `52:54:0a:00:02:0${n}`));
  const findings: Finding[] = [];
  try {
    for (const [n, vlan] of networks.slice(0, 2).entries()) {
      const before = await Promise.all(taps.map((tap) => tap.counted()));
      await site.start({ ADAPTER: `lan0${vlan}`, LOG_LEVEL: 'error' }, false);
      const boot = await probers[n]!.booted(Date.now(), undefined, 30);
      await sleep(LISTENS_MS[context.level]);
      const after = await Promise.all(taps.map((tap) => tap.counted()));
      await site.stop();
      const udp = after.map((one, which) => one.udp - before[which]!.udp);
      const others = udp.filter((_, which) => which !== n).reduce((a, b) => a + b);
      findings.push({
        id: vlan === '' ? 'trunk-untagged' : 'trunk-vlan',
        claim: `Answers in the other networks of a trunk (tags by a ${tagging}), with ADAPTER=lan0${vlan}`,
        figure: `${others}; ${udp[n]} in its own`,
        bound: '0',
        holds: boot !== undefined && others === 0,
      });
    }
    return findings;
  } finally {
    for (const prober of probers) prober.stop();
    await site.stop();
  }
}

/** A bridge with two ports is served as a whole; a port of it is not, and that is told. */
async function bridge(context: Context): Promise<Finding> {
  const site = new Site(context.lab, `${context.folder}/bridge`);
  const { server } = site;
  server.bridge('br9');
  for (const what of [SERVED, OTHER]) {
    site.plug(what, null);
    server.ip('link', 'set', what.adapter, 'master', 'br9');
  }
  server.address('br9', `${SERVED.server}/24`);
  server.address(SERVED.adapter, '10.77.3.1/24');
  site.outside.ip('addr', 'flush', 'dev', 'eth0');
  site.outside.address('eth0', '10.77.1.201/24');
  const probers = [site.inside, site.outside].map(
    (host: Host, n) => new Prober(host, 'eth0', `52:54:0a:00:03:0${n}`),
  );
  try {
    await site.start({ ADAPTER: 'br9' });
    const boots = await Promise.all(probers.map((prober) => prober.booted(Date.now(), undefined, 30)));
    await site.stop();
    site.begin({ ADAPTER: SERVED.adapter });
    const port = /adapter lan0 is a port of the bridge br9, .*ADAPTER=br9 in \.env/;
    await site.log('dhcp').until(port, { seconds: 30 });
    const health = (await site.problems('dhcp')).some((problem) => port.test(problem));
    const booted = boots.filter(Boolean).length;
    return {
      id: 'bridge-ports',
      claim:
        'Machines on both ports of a served bridge boot; one of its ports as ADAPTER is refused with the bridge’s name',
      figure: `${booted} of 2; told${health ? ', and health says so' : ''}`,
      bound: 'all',
      holds: booted === 2 && health,
    };
  } finally {
    for (const prober of probers) prober.stop();
    await site.stop();
  }
}

async function macvlan(context: Context): Promise<Finding> {
  const site = new Site(context.lab, `${context.folder}/macvlan`);
  const { server } = site;
  site.plug(SERVED, null);
  server.ip('link', 'add', 'link', SERVED.adapter, 'name', 'mv0', 'type', 'macvlan', 'mode', 'bridge');
  server.address('mv0', `${SERVED.server}/24`);
  server.ip('link', 'set', 'mv0', 'up');
  const prober = new Prober(site.inside);
  try {
    await site.start({ ADAPTER: 'mv0' });
    const boot = await prober.booted(Date.now(), undefined, 30);
    return {
      id: 'macvlan',
      claim: 'Machines boot from a served macvlan adapter',
      figure: boot ? 'yes' : 'no',
      holds: boot !== undefined,
    };
  } finally {
    prober.stop();
    await site.stop();
  }
}
