import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import type { Service } from '../../../src/config/resolve.ts';
import type { Commission } from '../../../src/http/observer/messages.ts';
import type { Change } from '../../../src/http/observer/observed.ts';
import { Observer, openThread } from '../../../src/http/observer/observer.ts';
import type { Event } from '../../../src/journal/event.ts';
import { JournalWriter, journalFile } from '../../../src/journal/store/journal-writer.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { parseIpv4 } from '../../../src/protocol/ipv4.ts';

/** A state folder with journals that are really written, and the observer that follows them. */
export class Journals implements AsyncDisposable {
  readonly state = mkdtempSync(path.join(os.tmpdir(), 'observer-'));
  /** What the observer has told its service. */
  readonly events: Event[] = [];
  readonly changes: Change[] = [];
  /** In the order of their beginnings. */
  readonly threads: Worker[] = [];
  readonly #writers = new Map<Service, JournalWriter>();
  readonly #observers: Observer[] = [];

  writer(service: Service): JournalWriter {
    let writer = this.#writers.get(service);
    if (!writer) {
      const file = journalFile(this.state, service);
      const told = (event: Event) => void this.events.push(event);
      writer = new JournalWriter({ file, clock: systemClock, told, days: 1, bytes: 64_000_000 });
      writer.start();
      this.#writers.set(service, writer);
    }
    return writer;
  }

  record(service: Service, ...events: Event[]): void {
    for (const event of events) this.writer(service).record(event);
  }

  /** A boot without trouble, of 52:54:00:00:00:01 as 10.0.0.5, of :02 as 10.0.0.6 and so on; a few milliseconds between its events put those of three services in order. */
  async boot(mac: string): Promise<void> {
    const last = Number.parseInt(mac.slice(-2), 16);
    for (const [service, event] of goodBoot(mac, `10.0.0.${4 + last}`)) {
      this.record(service, event);
      await sleep(3);
    }
  }

  observe(): Observer {
    const sink = (event: Event) => void this.events.push(event);
    const open = (commission: Commission) => {
      const thread = openThread(commission);
      this.threads.push(thread);
      return thread;
    };
    const observer = new Observer({ state: this.state, sink, now: Date.now, open });
    observer.onChange((change) => this.changes.push(change));
    observer.start();
    this.#observers.push(observer);
    return observer;
  }

  /** Writes out all that was recorded. */
  async flush(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.stop()));
    this.#writers.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#observers.map((observer) => observer.stop()));
    await this.flush();
    rmSync(this.state, { recursive: true });
  }
}

const PXE = { firmware: 'pxe', architecture: 0, hostName: undefined } as const;
const IPXE = { firmware: 'ipxe', architecture: 0, hostName: undefined } as const;
const SYSTEM = { firmware: 'other', architecture: undefined, hostName: 'node1' } as const;

/** What a machine does that boots without trouble, by service. */
function goodBoot(mac: string, dotted: string): [Service, Event][] {
  const address = parseIpv4(dotted)!;
  const loader = { kind: 'loader', file: 'undionly.kpxe' } as const;
  const script = { kind: 'script', url: 'http://10.0.0.1/infrakit.ipxe' } as const;
  const transfer = { address: dotted, transfer: 1 };
  const dhcp = (
    client: typeof PXE | typeof IPXE | typeof SYSTEM,
    plan: typeof loader | typeof script | { kind: 'none' },
  ) =>
    [
      ['dhcp', { kind: 'dhcp.discover', mac, client }],
      ['dhcp', { kind: 'dhcp.offer', mac, address, plan, client }],
      ['dhcp', { kind: 'dhcp.request', mac, address, state: 'selecting', client }],
      ['dhcp', { kind: 'dhcp.ack', mac, address, plan, client, seconds: 7200 }],
    ] satisfies [Service, Event][];
  const file = (name: string, bytes: number, transfer: number): [Service, Event][] => [
    ['http', { kind: 'http.asset.start', address: dotted, name, transfer, size: bytes }],
    ['http', { kind: 'http.asset.done', address: dotted, name, transfer, bytes, milliseconds: 5 }],
  ];
  return [
    ...dhcp(PXE, loader),
    [
      'tftp',
      { kind: 'tftp.start', ...transfer, file: 'undionly.kpxe', size: 70_000, blksize: 1468, windowsize: 1 },
    ],
    [
      'tftp',
      {
        kind: 'tftp.done',
        ...transfer,
        file: 'undionly.kpxe',
        bytes: 70_000,
        ms: 9,
        retransmissions: 2,
        blksize: 1468,
        windowsize: 1,
      },
    ],
    ...dhcp(IPXE, script),
    [
      'http',
      {
        kind: 'http.script',
        address: dotted,
        name: 'infrakit.ipxe',
        bytes: 300,
        made: 'generated',
        waits: false,
      },
    ],
    ...file('vmlinuz', 8_000_000, 1),
    ...file('initrd.img', 20_000_000, 2),
    ...dhcp(SYSTEM, { kind: 'none' }),
  ];
}
