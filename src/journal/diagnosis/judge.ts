import { architecture } from '../../protocol/pxe/architecture.ts';
import type { Boot } from '../timeline/boot.ts';
import { loadedAt } from '../timeline/loaded.ts';
import type { Attempt, BootOutcome, Diagnosis, Stage } from '../timeline/model.ts';
import { stagesOf, type View } from '../timeline/stages.ts';
import { WAITS } from './deadlines.ts';
import { diagnose } from './diagnose.ts';

/** The attempt as people see it: stages, outcome, and what went wrong. Depends on nothing but its arguments. */
export function judge(boot: Boot, view: View): Attempt {
  const until = boot.ended ? Math.min(view.until, boot.ended.at) : view.until;
  const seen = stagesOf(boot, { ...view, until });
  const outcome = outcomeOf(boot, seen, until);
  const diagnosis = outcome === 'booted' ? undefined : diagnose(boot, seen, { ...view, until });
  const final = withDiagnosis(outcome, diagnosis);
  const success = successAt(boot, final);
  return {
    id: boot.id,
    from: boot.from,
    to: boot.to,
    outcome: final,
    ...(success === undefined ? {} : { duration: success - boot.from }),
    firmware: boot.firmware,
    ...(boot.architecture === undefined
      ? {}
      : { architecture: { code: boot.architecture, name: architecture(boot.architecture).name } }),
    ...(boot.address === undefined ? {} : { address: boot.address }),
    ...(boot.relay === undefined ? {} : { relay: boot.relay }),
    stages: seen.map((stage) => failedAt(stage, diagnosis)),
    ...(diagnosis ? { diagnosis } : {}),
  };
}

function outcomeOf(boot: Boot, stages: readonly Stage[], until: number): BootOutcome {
  const loaded = loadedAt(boot);
  if (boot.system) {
    if (loaded !== undefined) return 'booted';
    // Whether it got a kernel is another host's knowledge, or was not recorded.
    const kernel = stages.find(({ name }) => name === 'kernel')!;
    return kernel.state === 'unknown' ? 'unknown' : 'elsewhere';
  }
  if (loaded !== undefined && (boot.ended || until - boot.to >= WAITS.system)) return 'loaded';
  if (boot.ended) return stages.some(({ state }) => state === 'unknown') ? 'unknown' : 'failed';
  // What another host would have to tell: it is over, one way or another.
  return until - boot.to >= WAITS.giveUp ? 'unknown' : 'running';
}

function withDiagnosis(outcome: BootOutcome, diagnosis: Diagnosis | undefined): BootOutcome {
  if (!diagnosis || outcome === 'elsewhere' || outcome === 'booted') return outcome;
  if (diagnosis.certainty === 'failed') return 'failed';
  return diagnosis.certainty === 'unknown' ? 'unknown' : outcome;
}

function successAt(boot: Boot, outcome: BootOutcome): number | undefined {
  if (outcome === 'booted') return boot.system!.at;
  return outcome === 'loaded' ? loadedAt(boot) : undefined;
}

/** The stage that a failed boot has ended in failed, whether or not anything of it was seen. */
function failedAt(stage: Stage, diagnosis: Diagnosis | undefined): Stage {
  if (diagnosis?.certainty !== 'failed' || diagnosis.stage !== stage.name) return stage;
  return stage.state === 'done' || stage.state === 'unknown' ? stage : { ...stage, state: 'failed' };
}
