import { type Command, readArguments } from '../command.ts';
import { printReport } from '../report.ts';

const USAGE = `usage: doctor [--json]
  Looks at what machines need to boot from this host, and says what mends what is wrong.
  --json    one JSON document instead of text
exit status: 0 nothing has failed, 1 something has, 2 wrong usage or configuration`;

export const run: Command = async (context) => {
  const read = readArguments(context, { usage: USAGE, options: {} });
  if ('status' in read) return read.status;
  return printReport({ command: 'doctor', sections: [] }, context.out, read.values.json ? 'json' : 'text');
};
