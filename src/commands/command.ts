import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { Paths } from '../config/profile.ts';
import type { Problem, Settings } from '../config/settings.ts';
import { type Out, STATUS } from './report.ts';

/** What a command of the operator works from. */
export interface CommandContext {
  /** The words after the command's own. */
  readonly args: readonly string[];
  readonly settings: Settings;
  /** Wrong values, which have their defaults in `settings`; for commands that run all the same, others get none. */
  readonly problems: readonly Problem[];
  readonly paths: Paths;
  /** As the process was given it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted by SIGINT and SIGTERM, which end the process at once as long as nobody asks for it. */
  readonly stopSignal: () => AbortSignal;
  readonly out: Out;
  /** For what is wrong with the arguments. */
  readonly err: Out;
}

/** Every `commands/NAME/command.ts` exports one as `run`. Resolves with the exit status; see {@link STATUS}. */
export type Command = (context: CommandContext) => Promise<number>;

const COMMON = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies ParseArgsOptionsConfig;

/**
 * Reads a command's arguments: its options, and --json and --help, which all have. Where they are wrong, or help is asked for, `usage` has
 * been printed and there is only a status to return.
 */
export function readArguments<const O extends ParseArgsOptionsConfig>(
  { args, out, err }: Pick<CommandContext, 'args' | 'out' | 'err'>,
  { usage, options, words = 0 }: { usage: string; options: O /** At most so many. */; words?: number },
) {
  try {
    const parsed = parseArgs({
      args: [...args],
      options: { ...COMMON, ...options },
      allowPositionals: words > 0,
      strict: true,
    });
    const { values } = parsed;
    const positionals: readonly string[] = parsed.positionals;
    if ((values as { help?: boolean }).help) {
      out.write(`${usage}\n`);
      return { status: STATUS.well };
    }
    if (positionals.length > words) throw new Error(`"${positionals[words]}" is one word too many`);
    return { values, words: positionals };
  } catch (error) {
    return { status: wrongUsage({ err }, (error as Error).message, usage) };
  }
}

/** Says what is wrong with the arguments, and returns the exit status of that. */
export function wrongUsage({ err }: Pick<CommandContext, 'err'>, reason: string, usage: string): number {
  err.write(`${reason}\n${usage}\n`);
  return STATUS.wrong;
}
