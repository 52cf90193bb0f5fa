import { setTimeout as sleep } from 'node:timers/promises';
import type { Boot } from './prober.ts';
import { SERVED, type Site } from './site.ts';

/** Something that happens to the served adapter, after which machines are to be served again. */
export interface Fault {
  readonly id: string;
  readonly what: string;
  /**
   * Does it, and ends in the moment from which on machines can be served; `even` alternates from round to round.
   * @returns what a boot then has to be like.
   */
  does(site: Site, even: boolean): Promise<(boot: Boot) => boolean>;
  /** Is in the short form, too. */
  readonly short?: true;
  /** What dhcp's health says while it lasts, for those that last. */
  readonly health?: RegExp;
}

const { adapter, server: FIRST } = SERVED;
/** Longer than the services take to notice, even on a busy host. */
const LASTS_MS = 2000;
const from = (server: string) => (boot: Boot) => boot.server === server;

function readdress(site: Site, address: string): void {
  site.server.ip('addr', 'flush', 'dev', adapter);
  site.server.address(adapter, address);
}

export const FAULTS: readonly Fault[] = [
  {
    id: 'down',
    short: true,
    what: 'set down and up',
    health: /lan0 is down/,
    async does({ server }) {
      server.ip('link', 'set', adapter, 'down');
      await sleep(LASTS_MS);
      server.ip('link', 'set', adapter, 'up');
      return from(FIRST);
    },
  },
  {
    id: 'carrier',
    what: 'without a carrier, and with one',
    async does(site) {
      site.switch.ip('link', 'set', `p-${adapter}`, 'down');
      await sleep(LASTS_MS);
      site.switch.ip('link', 'set', `p-${adapter}`, 'up');
      return from(FIRST);
    },
  },
  {
    id: 'anew',
    short: true,
    what: 'deleted, and made anew with the same name',
    async does(site) {
      site.unplug(SERVED);
      site.plug(SERVED);
      return from(FIRST);
    },
  },
  {
    id: 'gone',
    what: 'deleted, and made anew after a while',
    health: /lan0 .*is not on this host/,
    async does(site) {
      site.unplug(SERVED);
      await sleep(LASTS_MS);
      site.plug(SERVED);
      return from(FIRST);
    },
  },
  {
    id: 'renamed',
    short: true,
    what: 'renamed, and back',
    health: /lan0 .*is not on this host/,
    async does({ server }) {
      const rename = (name: string, to: string) => server.ip('link', 'set', name, 'down', 'name', to, 'up');
      rename(adapter, 'away0');
      await sleep(LASTS_MS);
      rename('away0', adapter);
      return from(FIRST);
    },
  },
  {
    id: 'same-subnet',
    what: 'given another address of its subnet',
    async does(site, even) {
      const address = even ? FIRST : '10.77.1.9';
      readdress(site, `${address}/24`);
      return from(address);
    },
  },
  {
    id: 'other-subnet',
    short: true,
    what: 'given an address of another subnet',
    async does(site, even) {
      const address = even ? FIRST : '10.77.3.1';
      readdress(site, `${address}/24`);
      return from(address);
    },
  },
  {
    id: 'mask',
    what: 'given another mask',
    async does(site, even) {
      readdress(site, `${FIRST}/${even ? 24 : 23}`);
      return from(FIRST);
    },
  },
  {
    id: 'no-address',
    short: true,
    what: 'without an address for a while',
    health: /lan0 has no IPv4 address/,
    async does(site) {
      site.server.ip('addr', 'flush', 'dev', adapter);
      await sleep(LASTS_MS);
      site.server.address(adapter, `${FIRST}/24`);
      return from(FIRST);
    },
  },
  {
    id: 'second',
    what: 'given a second address, which a machine could have had',
    async does({ server }, even) {
      // The one that the prober was given before.
      if (even) server.ip('addr', 'del', '10.77.1.2/24', 'dev', adapter);
      else server.address(adapter, '10.77.1.2/24');
      return ({ address }) => (address === '10.77.1.2') === even;
    },
  },
  {
    id: 'mac',
    what: 'given another MAC',
    async does({ server }, even) {
      server.ip('link', 'set', adapter, 'address', `52:54:0a:00:01:0${even ? 1 : 2}`);
      return from(FIRST);
    },
  },
  {
    id: 'mtu',
    what: 'given another MTU, until TFTP’s blocks follow',
    async does({ server }, even) {
      server.ip('link', 'set', adapter, 'mtu', even ? '1500' : '1300');
      return ({ blockSize }) => blockSize > 1300 === even && blockSize <= 1468;
    },
  },
  {
    id: 'bridge',
    short: true,
    what: 'made a port of a bridge, and taken out',
    health: /lan0 is a port of the bridge br9.*ADAPTER=br9/,
    async does({ server }) {
      server.bridge('br9');
      server.ip('link', 'set', adapter, 'master', 'br9');
      await sleep(LASTS_MS);
      server.ip('link', 'set', adapter, 'nomaster');
      server.ip('link', 'del', 'br9');
      return from(FIRST);
    },
  },
];
