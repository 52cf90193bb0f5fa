// Machines that load files by TFTP and HTTP for as long as this program runs: `node loads-program.ts SERVER JOB...`, a job being
// tftp:NAME or http:NAME, each done again and again. Prints a {@link Load} a line, with what came.
import { createHash } from 'node:crypto';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { isUnedited } from '../../src/boot/script-mark.ts';
import { readTftp } from '../../src/commands/rehearse/tftp-read.ts';
import type { How, Load } from './loads.ts';

const [server = '', ...jobs] = process.argv.slice(2);
const PATIENCE_MS = 3000;
const AGAIN_MS = 200;
/** After a failure. */
const RETRY_MS = 250;

type Loaded = { readonly bytes: Buffer } | { readonly broke: string };

async function byTftp(file: string): Promise<Loaded> {
  const parts: Buffer[] = [];
  const result = await readTftp({
    server,
    file,
    options: { blksize: '1468', windowsize: '8' },
    resends: 4,
    resendMs: 300,
    take: (data) => parts.push(Buffer.from(data)),
  });
  if ('kind' in result) return { broke: result.kind === 'refused' ? result.message : 'silence' };
  return { bytes: Buffer.concat(parts) };
}

function byHttp(file: string): Promise<Loaded> {
  return new Promise((resolve) => {
    const broke = (error: Error) => resolve({ broke: error.message });
    const request = http.get(
      { host: server, path: `/${file}`, agent: false, timeout: PATIENCE_MS },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part)).on('error', broke);
        response.on('end', () => {
          const bytes = Buffer.concat(parts);
          const whole = response.complete && bytes.length === Number(response.headers['content-length']);
          if (response.statusCode !== 200) resolve({ broke: `status ${response.statusCode}` });
          else resolve(whole ? { bytes } : { broke: 'shorter than its Content-Length' });
        });
      },
    );
    request.on('error', broke).on('timeout', () => request.destroy(new Error('silence')));
  });
}

const WAYS: Readonly<Record<How, (file: string) => Promise<Loaded>>> = { tftp: byTftp, http: byHttp };

async function again(job: string): Promise<void> {
  const [how, file] = job.split(':') as [How, string];
  for (;;) {
    const loaded = await WAYS[how](file).catch((error: Error): Loaded => ({ broke: error.message }));
    process.stdout.write(`${JSON.stringify({ how, file, ...told(loaded) } satisfies Load)}\n`);
    await sleep('broke' in loaded ? RETRY_MS : AGAIN_MS);
  }
}

function told(loaded: Loaded): Pick<Load, 'broke' | 'sha256' | 'unedited'> {
  if ('broke' in loaded) return loaded;
  const sha256 = createHash('sha256').update(loaded.bytes).digest('hex');
  return { sha256, unedited: isUnedited(loaded.bytes.toString()) };
}

for (const job of jobs) void again(job);
