import type { Diagnosis, StageName } from '../timeline/model.ts';
import type { Facts } from './facts.ts';

type Certainty = Diagnosis['certainty'];

/** One known way for a boot to go wrong. `found` is what `matches` made out, for the words. */
export interface Known<T> {
  /** Stable: the anchor of its section in docs/troubleshooting.md. */
  readonly code: string;
  readonly stage: StageName | ((facts: Facts) => StageName);
  readonly certainty: Certainty | ((facts: Facts, found: T) => Certainty);
  /** undefined where it is not this. */
  matches(facts: Facts): T | undefined;
  /** One sentence without its full stop: what happened to this machine, with its own files, addresses and numbers. */
  cause(found: T, facts: Facts): string;
  /** What to do: command, variable, file. */
  remedy(found: T, facts: Facts): string;
  /** Since when it has been so; the last sign of life where it is left out. */
  since?(found: T, facts: Facts): number;
}

export interface Signature {
  readonly code: string;
  diagnose(facts: Facts): Diagnosis | undefined;
}

export function signature<T>(known: Known<T>): Signature {
  const { code, stage, certainty } = known;
  return {
    code,
    diagnose(facts) {
      const found = known.matches(facts);
      if (found === undefined) return undefined;
      return {
        code,
        certainty: typeof certainty === 'function' ? certainty(facts, found) : certainty,
        cause: sentence(known.cause(found, facts)),
        remedy: sentence(known.remedy(found, facts)),
        at: known.since?.(found, facts) ?? facts.boot.to,
        stage: typeof stage === 'function' ? stage(facts) : stage,
      };
    },
  };
}

function sentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

/** The DHCP of whoever asks now: the firmware's, or iPXE's. */
export const atDhcpStage = ({ dhcpStage }: Facts): StageName => dhcpStage;

/** Silence is suspect as long as it may end. */
export function suspectUntilOver({ over }: Facts): Certainty {
  return over ? 'failed' : 'suspect';
}
