// Simulated machines that ask for an address: `node dhcp-machines.ts ADAPTER MACHINES SECONDS`. Prints a DhcpResult as one line of JSON.
import { setTimeout as sleep } from 'node:timers/promises';
import { Addresses } from '../../test/lab/fleet/addresses.ts';
import { DhcpPort, obtain } from '../../test/lab/fleet/dhcp-client.ts';
import { macOf } from '../../test/lab/fleet/fleet.ts';
import { Stopped } from '../../test/lab/fleet/plan.ts';

export interface DhcpResult {
  /** Seconds until each of them had an address. */
  readonly seconds: readonly number[];
  readonly addresses: readonly string[];
}

const [adapter = '', machines = '', within = ''] = process.argv.slice(2);
const port = new DhcpPort();
const addresses = new Addresses();
const seconds: number[] = [];
const given: string[] = [];
await port.open(adapter);

/** A ROM that has given up begins anew. */
async function ask(number: number): Promise<void> {
  const begun = performance.now();
  const identity = { mac: macOf(number), kind: 'bios', hostName: `machine-${number}` } as const;
  for (;;) {
    try {
      const { address } = await obtain(port, identity, 'address');
      seconds.push((performance.now() - begun) / 1000);
      given.push(address);
      return await addresses.own(address, identity.mac);
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
    }
  }
}

const all = Promise.all(Array.from({ length: Number(machines) }, (_, number) => ask(number)));
await Promise.race([all, sleep(Number(within) * 1000)]);
process.stdout.write(`${JSON.stringify({ seconds, addresses: given } satisfies DhcpResult)}\n`, () =>
  process.exit(),
);
