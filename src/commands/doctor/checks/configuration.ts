import { nearest } from '../../../assets/nearest.ts';
import type { Resolution } from '../../../config/resolve.ts';
import type { Problem } from '../../../config/settings.ts';
import { variables } from '../../../config/variables.ts';
import { render } from '../../../journal/render.ts';
import type { ReportLine } from '../../report.ts';
import { check, type Patient } from '../check.ts';
import { intoEnv, UP } from '../mending.ts';

interface Facts {
  readonly problems: readonly Problem[];
  /** Of variables that are set. */
  readonly names: readonly string[];
  readonly resolution: Resolution;
}

export const configuration = check('settings', 'Settings', gather, judge);

function gather({ problems, environment, resolution }: Patient): Facts {
  const names = Object.keys(environment).filter((name) => environment[name]?.trim());
  return { problems, names, resolution };
}

export function judge({ problems, names, resolution }: Facts): ReportLine[] {
  const wrong = resolution.state === 'wrong' ? resolution.problems : [];
  const notes = resolution.state === 'ready' ? resolution.notes : [];
  const lines = [
    ...[...problems, ...wrong].map(wrongLine),
    ...misspelled(names),
    ...notes.map((note): ReportLine => {
      const { level, text } = render(note);
      return { state: level === 'warn' ? 'warn' : 'note', what: 'settings', detail: text };
    }),
  ];
  if (lines.some(({ state }) => state !== 'note')) return lines;
  const set = names.filter((name) => Object.hasOwn(variables, name) && !PATHS.includes(name));
  const detail = set.length > 0 ? `${set.join(', ')} set, and right` : 'all at their defaults';
  return [{ state: 'ok', what: 'settings', detail }, ...lines];
}

/** Set in every container. */
const PATHS = ['IMAGES_DIR', 'STATE_DIR'];

function wrongLine({ variable, seen, reason, fix }: Problem): ReportLine {
  return {
    state: 'fail',
    what: variable,
    detail: `${seen ? `"${seen}" ` : ''}${reason}`,
    remedy: `in .env: ${fix}`,
    command: intoEnv(fix),
  };
}

/** Shorter ones are near to too much: HOME is nearly MODE. */
const SHORTEST = 5;
/** Known to many programs, and ours as well. */
const OTHERS = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];

/** Variables that are none of ours, but nearly. */
function misspelled(names: readonly string[]): ReportLine[] {
  const ours = Object.keys(variables).filter((name) => name.length >= SHORTEST);
  const strangers = names.filter(
    (name) =>
      name.length >= SHORTEST && !Object.hasOwn(variables, name) && !OTHERS.includes(name.toUpperCase()),
  );
  return strangers.flatMap((name): ReportLine[] => {
    const meant = nearest(name, ours);
    // One that merely begins alike is somebody else's.
    if (meant === undefined || Math.abs(meant.length - name.length) > 2) return [];
    return [
      {
        state: 'warn',
        what: name,
        detail: `is set, but there is no such variable, and it does nothing; there is ${meant}`,
        remedy: `call it ${meant} in .env`,
        command: `sed -i 's/^${name}=/${meant}=/' .env && ${UP}`,
      },
    ];
  });
}
