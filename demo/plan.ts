import type { Machine } from './machine.ts';

/** What the demo does, or why it does nothing: sentences, the remedy among them. */
export type Plan =
  | {
      readonly run: true;
      readonly machine: Machine;
      readonly httpPort: number;
      /** KERNEL of .env: what machines boot is settled there. */
      readonly kernel: string | undefined;
    }
  | { readonly run: false; readonly refusal: readonly string[] };

/** The machines for a host, by process.arch and DEMO_FIRMWARE; the first is the usual one. */
const MACHINES: Readonly<Record<string, Readonly<Record<string, Machine>>>> = {
  x64: { bios: 'x64, BIOS', uefi: 'x64, UEFI' },
  arm64: { uefi: 'arm64, UEFI' },
};

/**
 * Settles it from the environment, where an empty variable is an unset one. The demo runs on the bridge that the appliance makes for
 * itself and nowhere else: no machine that somebody owns ever shares a network with it.
 *
 * @param architecture the host's, as process.arch names it
 */
export function plan(environment: Readonly<Record<string, string | undefined>>, architecture: string): Plan {
  const get = (name: string) => environment[name]?.trim() || undefined;
  const adapter = get('ADAPTER');
  if (adapter !== undefined) {
    return refuse(
      `ADAPTER=${adapter} is set: the appliance serves a network of yours, and the demo puts no machine there.`,
      'It runs on the isolated bridge remoteboot0, which is served while ADAPTER is unset. Take ADAPTER out of .env (or the shell),',
      'then: docker compose --profile demo up',
    );
  }
  if (get('MODE') === 'proxy') {
    return refuse(
      'MODE=proxy is set: on the bridge remoteboot0 nobody would give the machine an address.',
      'Take MODE out of .env (or the shell), then: docker compose --profile demo up',
    );
  }
  const machines = Object.entries(MACHINES[architecture] ?? {});
  if (machines.length === 0) {
    return refuse(`The demo has machines for x64 and arm64 alone, and this host is ${architecture}.`);
  }
  const firmware = get('DEMO_FIRMWARE') ?? machines[0]?.[0];
  const machine = machines.find(([name]) => name === firmware)?.[1];
  if (!machine) {
    const right = machines.map(([name]) => `DEMO_FIRMWARE=${name}`).join(' or ');
    return refuse(`DEMO_FIRMWARE=${firmware} is none that the demo has on ${architecture}: set ${right}.`);
  }
  return { run: true, machine, httpPort: Number(get('HTTP_PORT') ?? 80), kernel: get('KERNEL') };
}

function refuse(...refusal: readonly string[]): Plan {
  return { run: false, refusal };
}
