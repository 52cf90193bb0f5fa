import { statSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { errnoOf } from '../../../assets/system-error.ts';
import type { Service } from '../../../config/resolve.ts';
import { journalFile } from '../../../journal/store/schema.ts';
import { LEASE_FILE } from '../../../leases/lease.ts';
import type { ReportLine } from '../../report.ts';
import { check, type Patient } from '../check.ts';
import type { DatabaseAnswer } from '../database-worker.ts';
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

async function gather({ paths, stop }: Patient): Promise<DatabaseFacts[]> {
  const services = ['dhcp', 'tftp', 'http'] as const;
  const wanted = [
    { name: 'leases', service: 'dhcp' as const, file: path.join(paths.state, LEASE_FILE) },
    ...services.map((service) => ({
      name: `journal of ${service}`,
      service,
      file: journalFile(paths.state, service),
    })),
  ];
  return Promise.all(
    wanted.map(async ({ name, service, file }) => ({ name, service, found: await lookAt(file, stop) })),
  );
}

async function lookAt(file: string, stop: AbortSignal): Promise<DatabaseFacts['found']> {
  let bytes: number;
  try {
    bytes = statSync(file).size;
  } catch (error) {
    return errnoOf(error) === 'ENOENT'
      ? { state: 'absent' }
      : { state: 'unreadable', why: (error as Error).message };
  }
  if (bytes > LARGEST) return { state: 'too large', bytes };
  const answer = await readThrough(file, stop);
  if ('why' in answer) return { state: answer.damaged ? 'damaged' : 'unreadable', why: answer.why };
  return { state: 'whole', bytes };
}

/** On a thread of its own: everything else would wait for the disk. */
function readThrough(file: string, stop: AbortSignal): Promise<DatabaseAnswer> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('../database-worker.ts', import.meta.url), { workerData: file });
    const fail = (why: string) => resolve({ damaged: false, why });
    stop.addEventListener('abort', () => void worker.terminate());
    worker.once('message', resolve);
    worker.once('error', (error: Error) => fail(error.message));
    worker.once('exit', () => fail('this took too long'));
  });
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
