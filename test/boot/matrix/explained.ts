import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchange, Explanation } from '../../../src/boot/explanation.ts';
import { JournalReader, type StoredPacket } from '../../../src/journal/store/journal-reader.ts';
import { askControl } from '../../../src/platform/control-client.ts';
import { controlSocket } from '../../../src/platform/control-protocol.ts';
import { OPTION } from '../../../src/protocol/dhcp/codes.ts';
import { decodePacket, encodePacket, type Packet } from '../../../src/protocol/dhcp/packet.ts';
import type { Firmware } from '../../lab/firmware.ts';

/** What somebody who knows the machine would ask, before it is switched on. */
const SUPPOSED: Readonly<Record<Firmware, { readonly firmware: string; readonly architecture: number }>> = {
  'plain-rom': { firmware: 'pxe', architecture: 0 },
  'ipxe-rom': { firmware: 'ipxe', architecture: 0 },
  uefi: { firmware: 'pxe', architecture: 7 },
  'uefi-http': { firmware: 'http', architecture: 16 },
  'uefi-ipxe-rom': { firmware: 'ipxe', architecture: 7 },
  'secure-boot': { firmware: 'pxe', architecture: 7 },
  arm64: { firmware: 'pxe', architecture: 11 },
  'arm64-http': { firmware: 'http', architecture: 19 },
};

/** Explanations of one machine's boot, held against what the service then sent. */
export class Explained {
  readonly #state: string;
  readonly #mac: string;
  readonly #foretold: readonly Exchange[];

  private constructor(state: string, mac: string, foretold: readonly Exchange[]) {
    this.#state = state;
    this.#mac = mac;
    this.#foretold = foretold;
  }

  /** Asks the service that runs, before the machine is switched on. */
  static async before(
    state: string,
    mac: string,
    firmware: Firmware,
    relay: string | undefined,
  ): Promise<Explained> {
    return new Explained(state, mac, await explain(state, { mac, ...SUPPOSED[firmware], relay }));
  }

  /**
   * Every packet that the machine sent is explained as it was answered; and what was foretold is what came, but for what a machine alone knows
   * of itself. Returns how many answers were compared.
   *
   * @param isAlone the machine is the only one that boots, so that its address could be foretold too.
   */
  async hold(isAlone: boolean): Promise<{ readonly exact: number; readonly foretold: number }> {
    const foretold = isAlone ? this.#foretold.filter(({ bytes }) => bytes !== undefined) : [];
    const pairs = await this.#recorded(foretold);
    assert.ok(pairs.length > 0, 'the journal has no packets of it');
    let exact = 0;
    for (const { asked, answered } of pairs) {
      const question = { packet: hex(asked.bytes), port: asked.port ?? 67 };
      const [explained] = await explain(this.#state, question);
      assert.equal(
        explained?.bytes,
        answered && hex(answered.bytes),
        `explained: ${explained?.because.join(' ')}`,
      );
      if (answered) exact += 1;
    }
    for (const one of foretold) this.#holdForetold(one, pairs);
    return { exact, foretold: foretold.length };
  }

  #holdForetold(foretold: Exchange, pairs: readonly Pair[]): void {
    const { firmware, message, bytes = '' } = foretold;
    const like = pairs.filter((pair) => isLike(foretold, pair));
    assert.ok(like.length > 0, `${message} of ${firmware} was foretold, and never came`);
    for (const { answered } of like) {
      const real = decodePacket(answered!.bytes);
      const supposed = decodePacket(Buffer.from(bytes, 'hex'));
      assert.equal(
        hex(encodePacket(knowing(supposed, real))),
        hex(encodePacket(real)),
        `${message} of ${firmware}`,
      );
    }
  }

  /** As soon as the journal has what was foretold, or can be expected to have it. */
  async #recorded(foretold: readonly Exchange[]): Promise<readonly Pair[]> {
    for (let tries = 0; ; tries++) {
      const pairs = this.#pairs();
      const isAll = pairs.length > 0 && foretold.every((one) => pairs.some((pair) => isLike(one, pair)));
      if (isAll || tries === 100) return pairs;
      await sleep(100);
    }
  }

  /** Each request with its answer, if it had one. */
  #pairs(): Pair[] {
    const reader = new JournalReader(this.#state, Date.now);
    try {
      const packets = reader.packets(this.#mac, 0, Date.now() + 1000, 500);
      return packets.flatMap((asked, index) => {
        if (asked.direction === 'sent') return [];
        const xid = decodePacket(asked.bytes).xid;
        const [next] = packets.slice(index + 1);
        const isIts = next?.direction === 'sent' && decodePacket(next.bytes).xid === xid;
        return [{ asked, answered: isIts ? next : undefined }];
      });
    } finally {
      reader.close();
    }
  }
}

interface Pair {
  readonly asked: StoredPacket;
  readonly answered: StoredPacket | undefined;
}

/** Whether that is the message of which the answer was foretold. */
function isLike({ firmware, message, port }: Exchange, { asked, answered }: Pair): boolean {
  if (!answered || (asked.port ?? 67) !== port) return false;
  const request = decodePacket(asked.bytes);
  return request.options.get(OPTION.messageType)?.[0] === MESSAGES[message] && isOf(request, firmware);
}

const MESSAGES: Readonly<Record<string, number>> = { DISCOVER: 1, REQUEST: 3 };

function isOf({ options }: Packet, firmware: string): boolean {
  const isIpxe = options.has(OPTION.ipxe);
  return firmware === 'ipxe' ? isIpxe : !isIpxe && options.has(OPTION.clientArchitecture);
}

/** What is its own, or its relay's, and comes back to it. */
const ECHOED: readonly number[] = [OPTION.clientMachineId, OPTION.clientIdentifier, OPTION.relayAgent];

/** With what comes from the machine itself and from its relay: the numbers of the exchange, whether it wants a broadcast, identifiers. */
function knowing(supposed: Packet, { xid, secs, flags, ciaddr, options }: Packet): Packet {
  const echoed = [...options].filter(([code]) => ECHOED.includes(code));
  const told = [...supposed.options].filter(([code]) => !ECHOED.includes(code));
  const order = [...options.keys()];
  const all = [...echoed, ...told].toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  return { ...supposed, xid, secs, flags, ciaddr, options: new Map(all) };
}

async function explain(state: string, question: unknown): Promise<readonly Exchange[]> {
  const { status, body } = await askControl({
    file: controlSocket(state, 'dhcp'),
    service: 'dhcp',
    method: 'POST',
    path: '/explain',
    body: question,
    timeoutMs: 5000,
  });
  assert.equal(status, 200, JSON.stringify(body));
  return (body as Explanation).exchanges;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
