import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLeases } from '../../src/leases/read-leases.ts';
import type { Service } from '../../test/lab/service.ts';
import type { Context, Finding } from '../contract.ts';
import { comes, range, Site } from '../storage/site.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const YEARS = 3652 * DAY;
const LEASE_TIME = 2 * HOUR;
const KNOWN = 10;
const POOL = 12;

/** Debian's faketime: Node's clocks but for the monotonic one read what a file says. */
const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';

/** By how much the clock is off from then on, in seconds from the true time; undefined: it stands at 1970, as where no battery keeps it. */
const JUMPS: readonly { readonly name: string; readonly by: number | undefined }[] = [
  { name: 'an hour on', by: HOUR },
  { name: 'a day back', by: -DAY },
  { name: 'ten years on', by: YEARS },
  { name: '1970', by: undefined },
  { name: 'right again', by: 0 },
  { name: 'ten years back', by: -YEARS },
  { name: 'an hour back', by: -HOUR },
  { name: 'a day on', by: DAY },
];

class Clock {
  readonly file: string;
  #off = 0;

  constructor(folder: string) {
    this.file = join(folder, 'clock');
    this.set(0);
  }

  get environment(): Record<string, string> {
    return {
      LD_PRELOAD: LIBRARY,
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  set(by: number | undefined): void {
    this.#off = by ?? 60 - Math.floor(Date.now() / 1000);
    writeFileSync(this.file, `${this.#off < 0 ? '' : '+'}${this.#off}`);
  }

  /** Seconds since 1970, as the service sees it. */
  get now(): number {
    return Math.floor(Date.now() / 1000) + this.#off;
  }
}

interface Result {
  readonly kept: number;
  readonly stolen: number;
  /** Leases on disk that last longer than a lease can. */
  readonly endless: number;
  readonly said: boolean;
}

/** The clock of the host jumps while the service runs, and while it does not. */
export async function jumps(context: Context): Promise<Finding[]> {
  const chosen = context.level === 'full' ? JUMPS : JUMPS.slice(0, 5);
  const [running, between] = await Promise.all([
    inTurn(context, chosen, false),
    inTurn(context, chosen, true),
  ]);
  const sum = (of: readonly Result[], what: (one: Result) => number) =>
    of.reduce((total, one) => total + what(one), 0);
  const findings = (id: string, claim: string, of: readonly Result[], said: boolean): Finding => {
    const [kept, stolen, endless] = [
      sum(of, (r) => r.kept),
      sum(of, (r) => r.stolen),
      sum(of, (r) => r.endless),
    ];
    const told = of.filter((one) => one.said).length;
    return {
      id,
      claim,
      figure: `${kept} of ${KNOWN * of.length} machines keep their address, ${stolen} addresses given to others, ${endless} leases that last longer than LEASE_TIME${said ? `; told ${told} of ${of.length} times` : ''}`,
      bound: 'all; 0; 0',
      holds: kept === KNOWN * of.length && stolen === 0 && endless === 0 && (!said || told === of.length),
    };
  };
  const names = chosen.map(({ name }) => name).join(', ');
  return [
    findings(
      'clock-running',
      `The clock is set while machines boot (${names}), in a pool that is nearly used up`,
      running,
      true,
    ),
    findings(
      'clock-restart',
      `The clock is set while the service is killed, and it is started again (${names})`,
      between,
      false,
    ),
  ];
}

async function inTurn(
  { lab, folder, log }: Context,
  chosen: typeof JUMPS,
  isBetween: boolean,
): Promise<Result[]> {
  await using site = await Site.open(lab, folder, {
    LEASE_COUNT: String(POOL),
    LEASE_TIME: String(LEASE_TIME),
  });
  const clock = new Clock(site.folder);
  let dhcp = await site.start('dhcp', clock.environment);
  const first = await site.boot(range(0, KNOWN));
  const own = new Set(first.map(({ ack }) => ack));
  const results: Result[] = [];
  for (const { name, by } of chosen) {
    let from = dhcp.log.length;
    if (isBetween) await dhcp.stop('SIGKILL');
    clock.set(by);
    if (isBetween) {
      dhcp = await site.start('dhcp', clock.environment);
      from = 0;
    }
    const told = isBetween || (await comes(10, () => saidSince(dhcp, from)));
    const strangers = await site.boot(range(1000 + 100 * results.length, 1004 + 100 * results.length));
    const again = await site.boot(range(0, KNOWN));
    const kept = again.filter(({ ack }, n) => ack !== undefined && ack === first[n]?.ack).length;
    const stolen = strangers.filter(
      ({ offer, ack }) => own.has(offer) || (ack !== undefined && own.has(ack)),
    ).length;
    const endless = readLeases(join(site.state, 'leases.sqlite')).filter(
      ({ state, expires }) =>
        state === 'bound' && Math.abs(expires - clock.now - LEASE_TIME / 2) > LEASE_TIME / 2 + 5,
    ).length;
    results.push({ kept, stolen, endless, said: told });
    log(
      `${name}${isBetween ? ', between two runs' : ''}: ${kept} of ${KNOWN} kept, ${stolen} stolen, ${endless} endless`,
    );
  }
  if (readdirSync(site.state).some((file) => /set-aside/.test(file)))
    throw new Error('a database was set aside');
  return results;
}

function saidSince(dhcp: Service, from: number): boolean {
  return dhcp.log.lines.slice(from).some((line) => /the clock of this host was set/.test(line));
}
