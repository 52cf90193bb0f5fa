import type { JournalReader } from '../../journal/store/journal-reader.ts';
import type { Timelines } from '../../journal/timeline/timelines.ts';
import type { LogLine } from '../api/shapes.ts';
import type { LeaseReader } from './lease-reader.ts';
import { isAsGrave, logLine } from './log-lines.ts';
import type { Ask, Question } from './messages.ts';
import { type Asks, type LogQuery, PACKETS_AT_ONCE } from './observed.ts';
import { inWords } from './packets.ts';
import type { Watcher } from './watcher.ts';

export interface AnswerParts {
  readonly watcher: Pick<Watcher, 'coverage' | 'problems' | 'told'>;
  readonly timelines: Pick<Timelines, 'summaries' | 'machine'>;
  readonly journal: Pick<JournalReader, 'packets' | 'recent'>;
  readonly leases: Pick<LeaseReader, 'json' | 'states' | 'look'>;
}

type Answerers = {
  readonly [A in Ask]: (question: Asks[A]['question'], parts: AnswerParts) => Asks[A]['answer'];
};

const ANSWERERS: Answerers = {
  machines: (_, { timelines }) => timelines.summaries(),
  machine: ({ mac }, { timelines }) => timelines.machine(mac),
  packets: ({ mac, from, to }, { journal }) => journal.packets(mac, from, to, PACKETS_AT_ONCE).map(inWords),
  // What listeners have not been told yet comes to them; whoever asks and listens shall not have it twice.
  log: ({ query }, { journal, watcher: { told } }) =>
    logLines(journal, told === undefined ? query : { before: told, ...query }),
  leases: (_, { leases }) => {
    leases.look();
    return leases.json();
  },
  leaseStates: ({ ranges }, { leases }) => {
    leases.look();
    return leases.states(ranges);
  },
  coverage: (_, { watcher }) => watcher.coverage,
  problems: (_, { watcher }) => watcher.problems(),
};

export function answerTo(question: Question, parts: AnswerParts): unknown {
  return (ANSWERERS[question.ask] as (question: Question, parts: AnswerParts) => unknown)(question, parts);
}

/** A level is nothing that the journal knows: records are read until enough of them are lines of it, within bounds. */
const RECORDS_AT_MOST = 5000;

function logLines(journal: AnswerParts['journal'], query: LogQuery): LogLine[] {
  const { level = 'debug', limit, mac, service } = query;
  const which = { ...(mac === undefined ? {} : { mac }), ...(service === undefined ? {} : { service }) };
  let lines: LogLine[] = [];
  let before = query.before;
  for (let looked = 0; looked < RECORDS_AT_MOST && lines.length < limit; ) {
    const some = Math.max(limit, 200);
    const records = journal.recent({ ...which, ...(before === undefined ? {} : { before }), limit: some });
    const found = records.flatMap((record) => logLine(record) ?? []).filter((line) => isAsGrave(line, level));
    lines = [...found, ...lines];
    looked += records.length;
    before = records[0]?.at;
    if (records.length < some) break;
  }
  // Those of one millisecond stay together, so that asking on with `before` leaves none out.
  const oldest = lines.at(-limit)?.at ?? 0;
  return lines.filter(({ at }) => at >= oldest);
}
