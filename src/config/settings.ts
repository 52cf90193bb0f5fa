import { createHash } from 'node:crypto';
import { isAbsolute, relative } from 'node:path';
import { cleanEnv } from 'envalid';
import { type VariableName, variables } from './variables.ts';

/** One wrong value: what was seen, why it is wrong, and the line that would be right. */
export interface Problem {
  readonly variable: VariableName;
  readonly seen: string;
  /** The end of the sentence `NAME="seen" …`. */
  readonly reason: string;
  /** A line for .env. */
  readonly fix: string;
}

type Specs = { [K in VariableName]: (typeof variables)[K]['spec'] };

const specs = Object.fromEntries(Object.entries(variables).map(([name, { spec }]) => [name, spec])) as Specs;

export type Settings = ReturnType<typeof clean>;

function clean(
  environment: NodeJS.ProcessEnv,
  report: (errors: Partial<Record<VariableName, Error>>) => void,
) {
  return cleanEnv(environment, specs, { reporter: ({ errors }) => report(errors) });
}

/**
 * The environment's text → typed settings, or every wrong value at once.
 * Empty values count as unset: that is what compose makes of `ADAPTER=`.
 */
export function readSettings(
  environment: NodeJS.ProcessEnv,
): { settings: Settings } | { problems: Problem[] } {
  const problems: Problem[] = [];
  const given = Object.fromEntries(
    Object.keys(variables).flatMap((name) => (environment[name]?.trim() ? [[name, environment[name]]] : [])),
  );
  const settings = clean(given, (errors) => {
    for (const [name, error] of Object.entries(errors) as [VariableName, Error][]) {
      problems.push({
        variable: name,
        seen: 'secret' in variables[name] ? '' : (given[name] ?? ''),
        reason: error.message,
        fix: exampleLine(name),
      });
    }
  });
  if (problems.length === 0 && isServed(settings.STATE_DIR, settings.IMAGES_DIR))
    problems.push(served(settings, given.STATE_DIR === undefined ? 'IMAGES_DIR' : 'STATE_DIR'));
  return problems.length > 0 ? { problems } : { settings: { ...settings } };
}

/** @param variable the one that is set. */
function served(settings: Settings, variable: 'IMAGES_DIR' | 'STATE_DIR'): Problem {
  const { IMAGES_DIR, STATE_DIR } = settings;
  const seen = settings[variable];
  const reason =
    variable === 'STATE_DIR'
      ? `lies inside IMAGES_DIR (${IMAGES_DIR}), whose files every machine may fetch`
      : `has STATE_DIR (${STATE_DIR}) inside it, and every machine may fetch its files`;
  return { variable, seen, reason, fix: exampleLine(variable) };
}

/** Leases and journals are for no machine to fetch. */
function isServed(folder: string, images: string): boolean {
  const way = relative(images, folder);
  return way === '' || !(way === '..' || way.startsWith('../') || isAbsolute(way));
}

/** A right line for .env, to be shown in an error. */
export function exampleLine(name: VariableName): string {
  return `${name}=${variables[name].spec.example}`;
}

/** For a command that tells of wrong values rather than stopping at them: those have their defaults. */
export function usableSettings(environment: NodeJS.ProcessEnv): {
  settings: Settings;
  problems: readonly Problem[];
} {
  const read = readSettings(environment);
  if ('settings' in read) return { settings: read.settings, problems: [] };
  const wrong: ReadonlySet<string> = new Set(read.problems.map(({ variable }) => variable));
  const right = Object.fromEntries(Object.entries(environment).filter(([name]) => !wrong.has(name)));
  const { settings, problems } = usableSettings(right);
  return { settings, problems: [...read.problems, ...problems] };
}

/** Equal for equal settings, so that processes can be compared; tells nothing of API_TOKEN. */
export function fingerprintOf(settings: Settings): string {
  const told = Object.entries(settings).filter(([name]) => name !== 'API_TOKEN');
  const text = JSON.stringify(told.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
