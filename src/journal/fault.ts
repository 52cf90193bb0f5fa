import type { Event } from './event.ts';
import { error as asError, type Line } from './line.ts';

/** What went wrong inside this program, with where, for whoever mends it. */
export function faultText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** A fault that cost one packet, connection or request, and nothing else. */
export function unexpected(service: string, error: unknown): Event {
  return { kind: 'config.unexpected', service, reason: faultText(error) };
}

/** A line that tells of a fault, with where it was below it. */
export function faultLine(before: string, reason: string): Line {
  const [what = '', ...where] = reason.split('\n');
  return { ...asError(`${before}: ${what}`), more: where.map((line) => line.trim()) };
}
