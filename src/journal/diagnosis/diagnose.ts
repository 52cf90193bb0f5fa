import type { Boot } from '../timeline/boot.ts';
import type { Diagnosis, Stage } from '../timeline/model.ts';
import type { View } from '../timeline/stages.ts';
import { Facts } from './facts.ts';
import { SIGNATURES } from './signatures.ts';

/** What went wrong in this boot: the first signature that fits; undefined where all goes its way so far. */
export function diagnose(boot: Boot, stages: readonly Stage[], view: View): Diagnosis | undefined {
  const facts = new Facts(boot, stages, view);
  for (const signature of SIGNATURES) {
    const diagnosis = signature.diagnose(facts);
    if (diagnosis) return diagnosis;
  }
  return undefined;
}
