import type { Level } from '../../journal/line.ts';
import type { Recorded } from '../../journal/recorded.ts';
import { render } from '../../journal/render.ts';
import { printable } from '../../platform/printable.ts';
import type { LogLine } from '../api/shapes.ts';

/** Too many to be lines: packets have a view of their own, progress is drawn. */
const NO_LINES: ReadonlySet<string> = new Set(['dhcp.packet', 'tftp.progress', 'http.asset.progress']);

/** The record as the log has it; undefined for what is no line. */
export function logLine({ at, service, event }: Recorded): LogLine | undefined {
  if (NO_LINES.has(event.kind)) return undefined;
  const { level, text, more = [] } = render(event);
  const lines = typeof more === 'function' ? more() : more;
  const mac = event.mac === undefined ? {} : { mac: event.mac };
  return { at, service, level, ...mac, text: [text, ...lines].map(printable).join('\n') };
}

const SEVERITY: Readonly<Record<Level, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

/** True for lines of that level and for graver ones. */
export function isAsGrave(line: LogLine, level: Level): boolean {
  return SEVERITY[line.level] <= SEVERITY[level];
}
