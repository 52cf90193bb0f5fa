import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Appliance } from '../lab/appliance.ts';
import { ComposeAppliance } from '../lab/docker/appliance.ts';
import { ENGINE_NEEDS } from '../lab/docker/engine.ts';
import { firmwareNeeds } from '../lab/firmware.ts';
import type { Guest } from '../lab/guest.ts';
import { extraLoaders, guestSystem } from '../lab/guest-system.ts';
import { Lab } from '../lab/net.ts';
import { requires } from '../lab/requires.ts';
import { BEHIND_RELAY } from '../lab/site.ts';
import { Explained } from './matrix/explained.ts';
import { type Group, groups, type Scenario } from './matrix/scenarios.ts';
import { withMatrix } from './matrix/table.ts';

/** MATRIX=compose or MATRIX=processes: the whole matrix, with the services run like that. Else the short set. */
const { MATRIX } = process.env;
const BOOT_SECONDS = 180;
const README = new URL('../../README.md', import.meta.url);

const chosen = groups
  .map((group) => ({ ...group, scenarios: group.scenarios.filter(({ short }) => MATRIX || short) }))
  .filter(({ scenarios }) => scenarios.length > 0);
const firmwares = chosen.flatMap(({ scenarios }) => scenarios.flatMap(({ machines }) => machines));
const needs = requires(
  ...['root', 'netns', 'dpkg-deb', 'busybox', 'dnsmasq', 'dhcrelay', '/usr/lib/ipxe/undionly.kpxe'],
  ...firmwareNeeds(...firmwares),
  ...(MATRIX === 'compose' ? ENGINE_NEEDS : []),
);

describe('every machine boots', needs, () => {
  const results = new Map<string, number | undefined>();
  let lab: Lab;
  let appliance: Appliance | ComposeAppliance;

  before(async () => {
    lab = new Lab();
    appliance = MATRIX === 'compose' ? new ComposeAppliance(lab) : new Appliance(lab);
    if ('open' in appliance) await appliance.open();
    fill(appliance);
  });
  after(async () => {
    await appliance?.stop().finally(() => lab.close());
    const all = groups.flatMap(({ scenarios }) => scenarios);
    if (MATRIX !== 'compose' || !all.every(({ name }) => results.has(name))) return;
    const day = new Date().toISOString().slice(0, 10);
    writeFileSync(README, withMatrix(readFileSync(README, 'utf8'), groups, results, day));
  });

  for (const group of chosen) {
    describe(group.name, () => {
      before(async () => {
        await appliance.site.surround(group.surroundings);
        await appliance.serve(group.settings);
      });
      for (const scenario of group.scenarios) {
        test(scenario.name, async (t) => {
          results.set(scenario.name, undefined);
          const seconds = await boot(t, group, scenario);
          results.set(scenario.name, seconds);
          t.diagnostic(`${seconds.toFixed(1)} s`);
        });
      }
    });
  }

  /** Resolves to the seconds from the first machine's power-on to the last one's BOOTLAB-OK. */
  async function boot(t: TestContext, group: Group, scenario: Scenario): Promise<number> {
    const segment = group.surroundings.startsWith('relay') ? 'br1' : 'br0';
    const relay = segment === 'br1' ? BEHIND_RELAY.gateway : undefined;
    const guests: Guest[] = [];
    const explained: Explained[] = [];
    const start = performance.now();
    try {
      for (const firmware of scenario.machines) {
        if (guests.length > 0) await sleep(500);
        const mac = nextMac();
        // Only services that run as processes have a state folder that can be looked into.
        if (appliance instanceof Appliance)
          explained.push(await Explained.before(appliance.environment.STATE_DIR!, mac, firmware, relay));
        guests.push(await appliance.boot({ firmware, mac }, segment));
      }
      const patience = BOOT_SECONDS * Math.ceil(guests.length / 2);
      await Promise.all(guests.map((guest) => guest.until(/BOOTLAB-OK ip=\d/, patience)));
      const seconds = (performance.now() - start) / 1000;
      for (const { console } of guests) {
        const said = unbroken(console.lines);
        const missing = scenario.shows.filter((sign) => !sign.test(said));
        assert.deepEqual(missing, [], `it booted, but not this way; it said:\n${said.slice(0, 3000)}`);
      }
      for (const one of explained) {
        const held = await one.hold(guests.length === 1);
        t.diagnostic(`explained as sent: ${held.exact} answers; foretold: ${held.foretold}`);
      }
      return seconds;
    } catch (error) {
      const logs = 'logs' in appliance ? `\n${await appliance.logs()}` : '';
      throw new Error(`${(error as Error).message}${logs}`);
    } finally {
      for (const guest of guests) await guest.stop();
    }
  }
});

/** Firmware breaks its lines at the screen's width: once as printed, once with the lines joined. */
function unbroken(lines: readonly string[]): string {
  return `${lines.join('\n')}\n${lines.join('')}`;
}

let machines = 0;

/** A machine of its own for each boot: nothing is left of the one before. */
function nextMac(): string {
  return `52:54:00:00:02:${(++machines).toString(16).padStart(2, '0')}`;
}

/** Puts all that any scenario boots into images/. */
function fill({ images }: { readonly images: string }): void {
  const put = (from: string, to: string) => copyFileSync(from, join(images, to));
  put(join(guestSystem(), 'vmlinuz'), 'vmlinuz');
  put(join(guestSystem(), 'initrd.img'), 'initrd.img');
  if (!MATRIX) return;
  put(join(guestSystem('arm64'), 'vmlinuz'), 'vmlinuz-arm64');
  put(join(guestSystem('arm64'), 'initrd.img'), 'initrd-arm64.img');
  put(join(extraLoaders(), 'shimx64.efi'), 'shimx64.efi');
  put(join(extraLoaders(), 'grubx64.efi'), 'grubx64.efi');
  // The container image has it, Debian 12 has not.
  if (MATRIX === 'processes') put(join(extraLoaders(), 'snponly-arm64.efi'), 'snponly-arm64.efi');
}
