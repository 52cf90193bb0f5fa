import type { Packet } from './packet.ts';

/** 'maybe': it depends on what cannot be known here, such as how often something came. */
export type Answer = 'yes' | 'no' | 'maybe';

export type Verdict =
  | { readonly kind: 'accept' | 'drop' | 'return' | 'unknown' }
  | { readonly kind: 'jump' | 'goto'; readonly to: string };

export interface Rule {
  /** As the filter's own program prints it. */
  readonly text: string;
  readonly matches: (packet: Packet) => Answer;
  /** What becomes of a packet that matches; undefined where the rule only counts or logs. */
  readonly verdict: (packet: Packet) => Verdict | undefined;
}

/** Chains that call each other. */
export interface Table {
  /** "inet filter", "iptables filter" */
  readonly name: string;
  readonly chains: ReadonlyMap<string, readonly Rule[]>;
  readonly bases: readonly Base[];
}

/** A chain that the kernel calls. */
export interface Base {
  readonly chain: string;
  readonly hook: 'ingress' | 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';
  /** The kernel calls those of one hook in rising order. */
  readonly priority: number;
  readonly policy: 'accept' | 'drop';
  /** Shell commands that let the packets through this chain. */
  readonly open: (packets: readonly Packet[]) => readonly string[];
}

/** Where a packet is dropped; not sure where something about it is not known. */
export interface Drop {
  readonly table: string;
  readonly base: Base;
  /** The rule, or the chain's policy. */
  readonly by: string;
  readonly sure: boolean;
}

const HOOKS = {
  in: ['ingress', 'prerouting', 'input'],
  out: ['output', 'postrouting'],
  through: ['prerouting', 'forward', 'postrouting'],
} as const satisfies Record<Packet['way'], readonly Base['hook'][]>;

/** The first place that drops the packet; undefined where all let it through. */
export function dropOf(packet: Packet, tables: readonly Table[]): Drop | undefined {
  const passed = tables.flatMap((table) => table.bases.map((base) => ({ table, base })));
  let unsure: Drop | undefined;
  for (const hook of HOOKS[packet.way]) {
    const called = passed
      .filter(({ base }) => base.hook === hook)
      .toSorted((a, b) => a.base.priority - b.base.priority);
    for (const { table, base } of called) {
      const { end, doubts } = walk(table, base.chain, packet, 0);
      const dropped =
        end?.kind === 'drop'
          ? end.by
          : !end && base.policy === 'drop'
            ? `policy drop of chain ${base.chain}`
            : undefined;
      const drop = { table: table.name, base };
      if (dropped !== undefined && doubts.accept === undefined) return { ...drop, by: dropped, sure: true };
      if (dropped !== undefined) unsure ??= { ...drop, by: dropped, sure: false };
      else if (doubts.drop !== undefined) unsure ??= { ...drop, by: doubts.drop, sure: false };
    }
  }
  return unsure;
}

interface Walked {
  /** undefined: the end of the chain was reached, or a return. */
  readonly end: { readonly kind: 'accept' | 'drop'; readonly by: string } | undefined;
  /** Rules that would have ended it, had they matched for sure. */
  readonly doubts: { accept?: string; drop?: string };
}

/** Loops are refused by the kernel; so deep nobody nests. */
const DEEPEST = 64;

function walk({ chains }: Pick<Table, 'chains'>, chain: string, packet: Packet, depth: number): Walked {
  const doubts: Walked['doubts'] = {};
  for (const { matches, verdict: decide, text } of chains.get(chain) ?? []) {
    const answer = matches(packet);
    const verdict = answer === 'no' ? undefined : decide(packet);
    if (!verdict) continue;
    if (verdict.kind === 'unknown') doubts.drop ??= text;
    else if (verdict.kind === 'return') {
      if (answer === 'yes') return { end: undefined, doubts };
    } else if (verdict.kind === 'jump' || verdict.kind === 'goto') {
      if (depth >= DEEPEST) continue;
      const inner = walk({ chains }, verdict.to, packet, depth + 1);
      Object.assign(doubts, { ...inner.doubts, ...doubts });
      if (inner.end && answer === 'yes') return { end: inner.end, doubts };
      if (inner.end) doubts[inner.end.kind] ??= inner.end.by;
      else if (verdict.kind === 'goto' && answer === 'yes') return { end: undefined, doubts };
    } else if (answer === 'yes') return { end: { kind: verdict.kind, by: text }, doubts };
    else doubts[verdict.kind] ??= text;
  }
  return { end: undefined, doubts };
}
