import { statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { errnoOf } from '../../../assets/system-error.ts';
import type { Service } from '../../../config/resolve.ts';
import { journalFile } from '../../../journal/store/schema.ts';
import { LEASE_FILE } from '../../../leases/lease.ts';
import { isDamaged } from '../../../platform/database.ts';
import type { ReportLine } from '../../report.ts';
import { check, type Patient } from '../check.ts';
import { sizeText } from './disk.ts';

export interface DatabaseFacts {
  readonly name: string;
  /** Who writes it. */
  readonly service: Service;
  readonly found:
    | { readonly state: 'absent' }
    | { readonly state: 'whole'; readonly bytes: number }
    | { readonly state: 'too large'; readonly bytes: number }
    | { readonly state: 'damaged'; readonly why: string }
    | { readonly state: 'unreadable'; readonly why: string };
}

export const databases = check('databases', 'Databases', gather, (facts) => facts.map(judge));

/** Looking through a larger one takes seconds. */
const LARGEST = 256e6;

function gather({ paths }: Patient): DatabaseFacts[] {
  const services = ['dhcp', 'tftp', 'http'] as const;
  return [
    { name: 'leases', service: 'dhcp' as const, file: path.join(paths.state, LEASE_FILE) },
    ...services.map((service) => ({
      name: `journal of ${service}`,
      service,
      file: journalFile(paths.state, service),
    })),
  ].map(({ name, service, file }) => ({ name, service, found: lookAt(file) }));
}

function lookAt(file: string): DatabaseFacts['found'] {
  let bytes: number;
  try {
    bytes = statSync(file).size;
  } catch (error) {
    return errnoOf(error) === 'ENOENT'
      ? { state: 'absent' }
      : { state: 'unreadable', why: (error as Error).message };
  }
  if (bytes > LARGEST) return { state: 'too large', bytes };
  try {
    using database = new DatabaseSync(file, { readOnly: true, timeout: 500 });
    const found = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0];
    return found === 'ok' ? { state: 'whole', bytes } : { state: 'damaged', why: String(found) };
  } catch (error) {
    const why = (error as Error).message;
    return { state: isDamaged(error) ? 'damaged' : 'unreadable', why };
  }
}

export function judge({ name, service, found }: DatabaseFacts): ReportLine {
  switch (found.state) {
    case 'absent':
      return { state: 'ok', what: name, detail: 'not begun yet' };
    case 'whole':
      return { state: 'ok', what: name, detail: `whole, ${sizeText(found.bytes)}` };
    case 'too large':
      return {
        state: 'unknown',
        what: name,
        detail: `${sizeText(found.bytes)} are too many to be looked through now`,
        remedy: 'lower JOURNAL_SIZE or JOURNAL_DAYS in .env',
      };
    case 'damaged':
      return {
        state: 'fail',
        what: name,
        detail: `damaged: ${found.why}`,
        remedy: `${service} sets it aside and begins a new one when it starts`,
        command: `docker compose restart ${service}`,
      };
    case 'unreadable':
      return { state: 'unknown', what: name, detail: `could not be read: ${found.why}` };
  }
}
