import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type Firmware, machine } from './firmware.ts';
import { temporaryFolder } from './leftovers.ts';
import type { Host } from './net.ts';
import { Transcript } from './transcript.ts';
import { Wire } from './wire.ts';

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
export const BOOT_FAILED = /No bootable device|UEFI Interactive Shell|Kernel panic/;
let taps = 0;

/** A virtual machine with a network card and a serial console, and nothing else to boot from. */
export class Guest {
  /** Its serial console: firmware, iPXE and the kernel's `console=ttyS0`. */
  readonly console: Transcript;
  readonly #options: GuestOptions;
  readonly #tap = `guest${++taps}`;
  readonly #wire: Wire;
  readonly #folder = temporaryFolder('guest');
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
    const { program, args, card } = machine(this.#options.firmware, this.#folder);
    const qemu = [
      ...args,
      ...['-accel', 'tcg', '-no-reboot', '-nodefaults', '-vga', 'none', '-display', 'none'],
      ...['-monitor', 'none', '-serial', 'stdio'],
      ...['-netdev', `tap,id=n0,ifname=${this.#tap},script=no,downscript=no,vnet_hdr=off`],
      ...['-device', `virtio-net-pci,netdev=n0,mac=${mac},bootindex=0${card}`],
      ...(await this.#wire.open('n0')),
    ];
    this.#process = host.spawn(program, qemu, { stdio: ['pipe', 'pipe', 'pipe'] });
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
    rmSync(this.#folder, { recursive: true, force: true });
    this.#options.host.ip('link', 'del', this.#tap);
  }
}
