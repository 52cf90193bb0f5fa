import type { Firmware } from '../boot/client.ts';
import { describe } from '../boot/describe.ts';
import { sourcesText } from './burst.ts';
import { debug, info, type Texts, warn } from './line.ts';
import type { BootOutcome, Diagnosis, StageName, StageState } from './timeline/model.ts';

interface OfBoot {
  readonly mac: string;
  /** The attempt's id. */
  readonly attempt: string;
  /** When it happened, milliseconds since 1970; it may become clear later. */
  readonly at: number;
  readonly firmware: Firmware;
  readonly architecture: number | undefined;
}

/** What became clear of a boot from the events of all services: told by http, which puts them together. */
export type BootEvent =
  | (OfBoot & {
      readonly kind: 'boot.stage';
      readonly stage: StageName;
      readonly state: StageState & ('done' | 'failed');
      readonly milliseconds: number;
    })
  | (OfBoot & {
      readonly kind: 'boot.done';
      readonly outcome: BootOutcome & ('booted' | 'loaded');
      /** From its first request on. */
      readonly milliseconds: number;
      /** Loader and kernel, by their names. */
      readonly way: readonly string[];
    })
  | (OfBoot & { readonly kind: 'boot.diagnosed' } & Pick<
        Diagnosis,
        'code' | 'certainty' | 'stage' | 'cause' | 'remedy'
      >)
  /** As many more boots ended for the same reason. `machine` is one of so many, or the one that did so most often. */
  | {
      readonly kind: 'boot.diagnosed-alike';
      readonly code: Diagnosis['code'];
      readonly machine: string;
      readonly count: number;
      readonly sources: number;
      readonly milliseconds: number;
    };

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;

export const bootTexts: Texts<BootEvent> = {
  'boot.stage': ({ stage, state, milliseconds }) =>
    debug(`stage ${stage} ${state} in ${seconds(milliseconds)}`),
  'boot.done': ({ outcome, milliseconds, way, firmware, architecture }) => {
    const path = [describe({ firmware, architecture, hostName: undefined }), ...way].join(' → ');
    return info(
      outcome === 'booted'
        ? `booted in ${seconds(milliseconds)}: ${path}`
        : `has loaded all in ${seconds(milliseconds)}: ${path}; its system has not asked for an address`,
    );
  },
  'boot.diagnosed': ({ code, certainty, cause, remedy }) =>
    (certainty === 'unknown' ? info : warn)(`${cause} ${remedy} (docs/troubleshooting.md#${code})`),
  'boot.diagnosed-alike': ({ code, machine, count, sources, milliseconds }) =>
    warn(
      `${count} more boots ended for the same reason in ${seconds(milliseconds)}, of ${sourcesText({ address: machine, sources })}: docs/troubleshooting.md#${code}. The page shows those that came last`,
    ),
};
