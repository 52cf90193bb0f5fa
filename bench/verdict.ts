import type { Measurement } from './contract.ts';
import type { Mark } from './marks.ts';
import { bestPeer, type Ratio, ratioOf, spreadOf } from './statistics.ts';

export interface Verdict {
  readonly mark: Mark;
  /** The peer that was compared with; undefined for marks without one. */
  readonly peer: string | undefined;
  /** The number that counts, with its spread; undefined where it could not be measured. */
  readonly reached: Ratio | undefined;
  readonly good: boolean;
}

export function judge(mark: Mark, measurement: Measurement): Verdict {
  const { against, who = 'ours', atLeast = -Infinity, atMost = Infinity } = mark;
  const peer = against === 'best peer' ? bestPeer(measurement) : against;
  const reached = against === undefined ? alone(measurement, who) : compared(measurement, who, peer);
  const good = reached !== undefined && reached.ratio >= atLeast && reached.ratio <= atMost;
  return { mark, peer, reached, good };
}

function alone({ samples }: Measurement, who: string): Ratio | undefined {
  const spread = spreadOf(samples[who] ?? []);
  return spread && { ratio: spread.median, least: spread.least, most: spread.most };
}

function compared({ samples }: Measurement, who: string, peer: string | undefined): Ratio | undefined {
  return peer === undefined ? undefined : ratioOf(samples[who] ?? [], samples[peer] ?? []);
}
