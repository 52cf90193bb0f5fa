/** What a boot script makes iPXE load, relative to where the script came from. */
export interface ScriptFiles {
  /** undefined where the script tells the machine to wait and ask again. */
  readonly kernel: string | undefined;
  readonly initrds: readonly string[];
}

/** Reads the few commands of infrakit.ipxe that load something; a script of another making may say more. */
export function filesOf(script: string): ScriptFiles {
  const loads = (command: string) =>
    [...script.matchAll(new RegExp(`^${command} (?:--name \\S+ )?(\\S+)`, 'gm'))].map(([, file]) => file!);
  return { kernel: loads('kernel')[0], initrds: loads('initrd') };
}
