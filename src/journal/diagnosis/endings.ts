import { loadedAll } from '../timeline/loaded.ts';
import { STAGES, type StageName } from '../timeline/model.ts';
import { serviceOf } from '../timeline/services.ts';
import { handedTo } from '../timeline/surroundings.ts';
import { WAITS } from './deadlines.ts';
import type { Facts } from './facts.ts';
import { type Signature, signature, suspectUntilOver } from './signature.ts';
import { askerText, machineText } from './words.ts';

/** Who would know was not there: nothing else can be made of silence then. */
export const away: readonly Signature[] = [
  signature({
    code: 'service-away',
    stage: (facts) => next(facts) ?? facts.reached,
    certainty: 'unknown',
    matches: (facts) => {
      const stage = next(facts);
      if (!stage || facts.stages[stage].state !== 'unknown') return undefined;
      const service = serviceOf(facts.boot, stage);
      if (handedTo(facts.boot.around, service) || facts.listened(service)) return undefined;
      return facts.silent(stage === 'system' ? WAITS.system : WAITS.settle) ? service : undefined;
    },
    cause: (service, facts) =>
      `Nothing is known of it after the stage "${facts.reached}", because the service ${service}, which the next one needs, was not running or not recording`,
    remedy: (service) => `Start it: docker compose up -d ${service}; then switch the machine on again`,
  }),
];

/** What is left where nothing more is known. */
export const endings: readonly Signature[] = [
  signature({
    code: 'booted-elsewhere',
    stage: 'system',
    certainty: 'suspect',
    matches: (facts) => {
      const { boot, stages } = facts;
      return boot.system && !loadedAll(boot) && stages.kernel.state !== 'unknown' ? boot.system : undefined;
    },
    since: ({ at }) => at,
    cause: (_, facts) =>
      `It came as far as the stage "${facts.reached}" (${machineText(facts.boot)}) and then started a system that it did not load from here, such as the one on its disk`,
    remedy: (_, { boot }) =>
      boot.script?.edited
        ? 'Nothing, if your edition of the boot script means it so'
        : 'Put the network first in its boot order, if it was to boot from here',
  }),
  signature({
    code: 'gone-silent',
    stage: (facts) => next(facts) ?? facts.reached,
    certainty: suspectUntilOver,
    matches: (facts) => {
      const { boot } = facts;
      if (boot.system || loadedAll(boot) || !facts.silent(WAITS.giveUp)) return undefined;
      const isSeen = Object.values(facts.stages).every(({ state }) => state !== 'unknown');
      return isSeen ? boot : undefined;
    },
    cause: (boot, facts) =>
      boot.ended
        ? `It started over after the stage "${facts.reached}", before ${askerText(boot)} had finished it`
        : `Nothing has been heard of it since the stage "${facts.reached}": it was probably switched off, or lost its link`,
    remedy: () =>
      'See what it shows on its screen, and look at its cable and switch port; its packets and steps tell how far it came',
  }),
];

/** The stage that is waited for. */
function next({ stages, reached }: Facts): StageName | undefined {
  const ahead = STAGES.slice(STAGES.indexOf(reached) + 1);
  return ahead.find((name) => stages[name].state !== 'skipped');
}
