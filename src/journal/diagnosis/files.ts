import type { Boot } from '../timeline/boot.ts';
import { bytesOf } from '../timeline/files.ts';
import type { StageName } from '../timeline/model.ts';
import { WAITS } from './deadlines.ts';
import type { Facts, Failing } from './facts.ts';
import { type Signature, signature, suspectUntilOver } from './signature.ts';
import { fileMissing } from './telling.ts';
import { sizeText } from './words.ts';

/** The last file of the furthest stage that one of them was loaded in. */
const reached = ({ reached }: Facts): StageName => reached;

/** A file that was asked for and did not arrive. A loader that is missing or stalls has signatures of its own. */
export const files: readonly Signature[] = [
  signature({
    code: 'file-missing',
    stage: reached,
    certainty: 'failed',
    since: ({ failing }, { boot }) => failing ?? boot.to,
    matches: (facts) => facts.failing(facts.reached, 'missing'),
    cause: ({ file, trouble }, { boot }) => missing(file, trouble.nearest, boot).cause,
    remedy: ({ file, trouble }, { boot }) => missing(file, trouble.nearest, boot).remedy,
  }),
  signature({
    code: 'file-refused',
    stage: reached,
    certainty: 'failed',
    since: ({ failing }, { boot }) => failing ?? boot.to,
    matches: (facts) => facts.failing(facts.reached, 'refused', 'broken'),
    cause: ({ file, trouble }) =>
      `It asked for ${file} and was refused${'status' in trouble ? ` (${trouble.status})` : ''}: ${trouble.reason}`,
    remedy: ({ file }) =>
      `Have it in images/ as a regular file that everybody may read (chmod a+r images/${file}), under a name without a dot in front`,
  }),
  signature<Failing<'aborted' | 'cancelled' | 'timeout'>>({
    code: 'download-broken',
    stage: reached,
    certainty: 'failed',
    since: ({ failing }, { boot }) => failing ?? boot.to,
    matches: (facts) => facts.failing(facts.reached, 'aborted', 'cancelled', 'timeout'),
    cause: (file) =>
      `It got only ${sizeText(bytesOf(file))} of ${sizeText(file.size ?? 0)} of ${file.file}: ` +
      endText(file.trouble),
    remedy: ({ trouble }) => (trouble.kind === 'cancelled' ? STOPPED : BROKEN),
  }),
  signature({
    code: 'download-broken',
    stage: reached,
    certainty: suspectUntilOver,
    matches: (facts) => {
      const { stages, boot } = facts;
      const running = boot.files.findLast(
        ({ stage, state }) => stage === facts.reached && state === 'running',
      );
      const isRunning = running && stages[facts.reached].transfers.some(({ state }) => state !== 'unknown');
      return isRunning && facts.past(running.seen, WAITS.stall) ? running : undefined;
    },
    since: ({ seen }) => seen,
    cause: (file, { boot }) =>
      `${file.file} stopped after ${sizeText(bytesOf(file))} of ${sizeText(file.size ?? 0)}: ` +
      (boot.ended ? 'the machine started over in the middle of it' : 'no more of it is taken'),
    remedy: () => BROKEN,
  }),
];

const missing = (file: string, nearest: string | undefined, { script }: Boot) =>
  fileMissing({ file, nearest, edited: script?.edited ?? false });

const BROKEN =
  'Look at cable, switch port and the machine itself (was it reset, has it enough RAM for the file?), and see that no firewall cuts long connections; it can just be tried again';
const STOPPED = 'See that the services run (docker compose ps), and switch the machine on again';

function endText(trouble: Failing<'aborted' | 'cancelled' | 'timeout'>['trouble']): string {
  if (trouble.kind === 'timeout') return 'then it stopped answering';
  return trouble.kind === 'aborted' ? `it ended the transfer (${trouble.reason})` : trouble.reason;
}
