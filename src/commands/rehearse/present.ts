import type { Profile } from '../../config/profile.ts';
import { formatIpv4, type Ipv4 } from '../../protocol/ipv4.ts';
import type { Report, ReportLine, Section } from '../report.ts';
import type { Kind } from './kinds.ts';
import { DOCTOR } from './trouble.ts';
import type { Walked, WalkedStage } from './walk.ts';

/**
 * What a rehearsal says. Its JSON has, beside the sections, boots: [{kind, booted, milliseconds, stages: [{stage, state, milliseconds, bytes?,
 * detail, remedy?, command?, more?}]}].
 */
export function reportOf(
  walked: readonly (readonly [Kind, Walked])[],
  profile: Profile,
  relay: Ipv4 | undefined,
): Report {
  const boots = walked.map(([kind, { booted, milliseconds, stages }]) => ({
    kind,
    booted,
    milliseconds: Math.round(milliseconds),
    stages: stages.map((stage) => ({ ...stage, milliseconds: Math.round(stage.milliseconds) })),
  }));
  return {
    command: 'rehearse',
    sections: [...walked.map(([, one]) => sectionOf(one)), beyond(profile, relay)],
    data: { boots },
  };
}

function sectionOf({ machinery, booted, milliseconds, stages }: Walked): Section {
  const seconds = (milliseconds / 1000).toFixed(1);
  const failed = stages.find(({ state }) => state === 'fail');
  const how = booted
    ? `boots, ${seconds} s to the start of its kernel`
    : `fails at the stage "${failed?.stage}"`;
  return { title: `${machinery.title}: ${how}`, lines: stages.map(lineOf) };
}

function lineOf({ stage, state, milliseconds, bytes: _, ...rest }: WalkedStage): ReportLine {
  return {
    ...rest,
    state,
    what: stage,
    detail: `${String(Math.ceil(milliseconds)).padStart(4)} ms  ${rest.detail}`,
  };
}

/** What a machine meets and this has not. */
function beyond({ adapter }: Profile, relay: Ipv4 | undefined): Section {
  const note = (what: string, detail: string): ReportLine => ({ state: 'note', what, detail });
  return {
    title: 'What only a machine on the wire can show',
    lines: [
      note(
        'the way to it',
        `cable, switch port, VLAN, spanning tree (a port that is silent for 30 s), DHCP snooping, and other DHCP servers: all of this stayed inside of the host, on loopback`,
      ),
      {
        state: 'note',
        what: 'firewall',
        detail: `rules for every adapter were met; rules for ${adapter.name} alone (iifname, -i) were not`,
        command: DOCTOR,
      },
      ...(relay === undefined
        ? []
        : [
            note(
              'the relay',
              `answers went back here and not to ${formatIpv4(relay)}: that it hears them, and passes requests on, is not shown`,
            ),
          ]),
      note('the machine', 'its card, Secure Boot, its RAM, and all that happens once its kernel runs'),
    ],
  };
}
