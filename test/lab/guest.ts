import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Host } from './net.ts';
import { Transcript } from './transcript.ts';
import { Wire } from './wire.ts';

/**
 * What the machine boots with:
 * - 'plain-rom': a BIOS whose boot ROM knows PXE and nothing more, as on most real cards;
 * - 'ipxe-rom': a BIOS with iPXE in the card, as QEMU has it.
 */
export type Firmware = 'plain-rom' | 'ipxe-rom';

export interface GuestOptions {
  readonly firmware: Firmware;
  readonly mac: string;
  /** The host and its bridge that the guest is plugged into. */
  readonly host: Host;
  readonly bridge: string;
  /** Lines for the error when it does not boot: what the services said. */
  readonly beside?: () => readonly string[];
}

/** What says that this machine will not get any further. */
export const BOOT_FAILED = /No bootable device|Kernel panic/;
let taps = 0;

/** A virtual BIOS machine with a network card and a serial console, and nothing else to boot from. */
export class Guest {
  /** Its serial console: firmware, iPXE and the kernel's `console=ttyS0`. */
  readonly console: Transcript;
  readonly #options: GuestOptions;
  readonly #tap = `guest${++taps}`;
  readonly #wire: Wire;
  #process: ChildProcess | undefined;

  constructor(options: GuestOptions) {
    this.#options = options;
    this.#wire = new Wire(options.firmware === 'plain-rom');
    this.console = new Transcript(`the guest ${options.mac}`, options.beside);
  }

  /** Switches it on. */
  async start(): Promise<void> {
    const { host, bridge, mac } = this.#options;
    host.ip('tuntap', 'add', 'dev', this.#tap, 'mode', 'tap');
    host.ip('link', 'set', this.#tap, 'master', bridge, 'up');
    const qemu = [
      ...['-machine', 'pc,graphics=off', '-cpu', 'Nehalem', '-accel', 'tcg', '-m', '256', '-no-reboot'],
      ...['-nodefaults', '-vga', 'none', '-display', 'none', '-monitor', 'none', '-serial', 'stdio'],
      ...['-netdev', `tap,id=n0,ifname=${this.#tap},script=no,downscript=no,vnet_hdr=off`],
      ...['-device', `virtio-net-pci,netdev=n0,mac=${mac},bootindex=0`],
      ...(await this.#wire.open('n0')),
    ];
    this.#process = host.spawn('qemu-system-x86_64', qemu, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.console.follow(this.#process.stdout, this.#process.stderr);
    this.#process.on('close', () => this.console.end());
  }

  /** Waits for a console line; a machine that cannot boot is an error at once. */
  until(pattern: RegExp, seconds: number, from = 0): Promise<RegExpExecArray> {
    return this.console.until(pattern, { seconds, from, fail: BOOT_FAILED });
  }

  /** Pulls the plug; a second time changes nothing. */
  async stop(): Promise<void> {
    const running = this.#process;
    if (!running) return;
    this.#process = undefined;
    if (running.exitCode === null && running.signalCode === null) {
      running.kill('SIGKILL');
      await once(running, 'close');
    }
    this.#wire.close();
    this.#options.host.ip('link', 'del', this.#tap);
  }
}
