import type { Choice } from '../../src/assets/choose.ts';
import type { ScriptSettings } from '../../src/boot/script.ts';

/** What a script is made from: the own bridge's addresses, and a command line. */
export const settings = (cmdline = ''): ScriptSettings => ({
  addresses: { dhcp: 0x0a630001, tftp: 0x0a630001, http: 0x0a630001 },
  httpPort: 80,
  boot: { kernel: undefined, initrd: undefined, cmdline },
});

/** A choice of these files. */
export const ready = (kernel: string, ...initrds: string[]): Choice => ({
  ready: true,
  kernel,
  initrds,
  summary: '',
  notes: [],
});
