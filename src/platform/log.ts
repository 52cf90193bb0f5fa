import winston from 'winston';
import type { Event, Sink } from '../journal/event.ts';
import { LineLimit } from '../journal/line-limit.ts';
import { render } from '../journal/render.ts';
import { printable, printableJson } from './printable.ts';

export interface LogOptions {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly format: 'text' | 'json';
  readonly service: string;
}

const { combine, printf, timestamp } = winston.format;

/** Text for people: time, level, MAC where there is one, and what happened; control characters never reach the terminal. */
const textFormat = combine(
  timestamp(),
  printf(({ timestamp, level, message, mac }) => {
    const machine = mac ? ` ${mac}` : '';
    return `${timestamp} ${level.padEnd(5)}${machine} ${message}`;
  }),
);

/** The text of a line, as winston's formats hand it on. */
const MESSAGE = Symbol.for('message');

const jsonFormat = combine(
  timestamp(),
  winston.format.json({ replacer: plain }),
  winston.format((info) => ({ ...info, [MESSAGE]: printableJson(String(info[MESSAGE])) }))(),
);

/** The sink that turns every event into a log line on standard output; of a flood of one kind only some, unless all is wanted (debug). */
export function openLog(options: LogOptions): Sink {
  // Whoever read it is gone, or its disk is full: no reason to serve nobody any more.
  process.stdout.on('error', () => undefined);
  const logger = winston.createLogger({
    level: options.level,
    format: options.format === 'json' ? jsonFormat : textFormat,
    transports: [new winston.transports.Console({ forceConsole: false })],
    exitOnError: false,
  });
  const limit = new LineLimit(
    (of, events) => print({ kind: 'config.left-out', of, events }),
    () => performance.now(),
  );
  const print: Sink = (event) => {
    const { level, text, more = [] } = render(event);
    if (!logger.isLevelEnabled(level)) return;
    if (options.level !== 'debug' && !limit.passes(event.kind)) return;
    const lines = typeof more === 'function' ? more() : more;
    const message = [text, ...lines].map(printable).join('\n  ');
    const fields = options.format === 'json' ? fieldsOf(event) : {};
    const mac = 'mac' in event && event.mac ? { mac: event.mac } : {};
    logger.log({ level, message, service: options.service, ...fields, ...mac });
  };
  return print;
}

/** An event's own fields, its kind as `event`; names that winston uses itself are kept out. */
function fieldsOf(event: Event): Record<string, unknown> {
  const { kind, ...rest } = event as Event & Record<string, unknown>;
  return { event: kind, detail: rest };
}

function plain(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof Map) return Object.fromEntries(value);
  return value;
}
