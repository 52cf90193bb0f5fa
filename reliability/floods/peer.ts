import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVER } from '../../test/lab/site.ts';
import type { Field } from './field.ts';
import type { Flood } from './flood.ts';
import { type Boot, Victims } from './victims.ts';

const DNSMASQ = '/usr/sbin/dnsmasq';
const SECONDS = 8;
const BOOTS = 6;

/** dnsmasq in place of our dhcp and tftp, with the same pool and loaders; ours goes on to give script and files by HTTP. */
export class Peer {
  readonly #field: Field;
  readonly #victims: Victims;
  #running: ChildProcess | undefined;

  constructor(field: Field) {
    this.#field = field;
    // It tells UEFI HTTP Boot nothing.
    this.#victims = new Victims(field.site.fleet, { first: 100, kinds: ['bios', 'uefi', 'ipxe-rom'] });
  }

  static isThere(): boolean {
    return existsSync(DNSMASQ);
  }

  /** Takes over; resolves when its machines have booted once, and so have leases. */
  async start(): Promise<void> {
    const { appliance } = this.#field.site;
    for (const name of ['dhcp', 'tftp'] as const) await appliance.service(name).stop();
    this.#running = appliance.server.spawn(DNSMASQ, this.#arguments(), { stdio: 'ignore' });
    await sleep(1000);
    await this.#victims.known(6, 0);
  }

  /** How known machines boot during the flood. */
  async bear(flood: Flood): Promise<readonly Boot[]> {
    const attackers = await this.#field.attack(flood.attacks);
    const boots = await this.#victims.known(BOOTS, SECONDS);
    await attackers.stop();
    return boots;
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (!running || running.exitCode !== null) return;
    const gone = once(running, 'close');
    running.kill('SIGKILL');
    await gone;
  }

  #arguments(): string[] {
    const { images, environment } = this.#field.site.appliance;
    return [
      ...[
        '--keep-in-foreground',
        '--log-facility=/dev/null',
        '--quiet-dhcp',
        '--quiet-tftp',
        '--conf-file=/dev/null',
      ],
      ...[
        '--pid-file=',
        '--user=root',
        '--port=0',
        '--interface=srv0',
        '--bind-interfaces',
        '--except-interface=lo',
      ],
      ...['--dhcp-range=10.88.0.10,10.88.0.29,255.255.255.0,7200', '--no-ping', '--dhcp-authoritative'],
      `--dhcp-leasefile=${join(environment.STATE_DIR!, 'dnsmasq.leases')}`,
      ...['--enable-tftp', `--tftp-root=${images}`],
      ...['--dhcp-match=set:ipxe,175', '--dhcp-match=set:uefi,option:client-arch,7'],
      ...['--dhcp-boot=tag:!ipxe,tag:!uefi,undionly.kpxe', '--dhcp-boot=tag:!ipxe,tag:uefi,snponly.efi'],
      `--dhcp-boot=tag:ipxe,http://${SERVER}/infrakit.ipxe`,
      '--dhcp-option=encap:175,176,1b',
    ];
  }
}
