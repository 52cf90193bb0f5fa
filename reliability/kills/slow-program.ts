// Machines that load one file slowly, and then end: `node slow-program.ts SERVER JSON`, the JSON being {@link SlowPlan}. As firmware and
// iPXE do, one that gets no answer to its request asks again, and one that is told to come back (Retry-After) does. Prints "begun" when each
// has something of it, then a {@link SlowEnd} for each.
import { createHash } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { TftpDownload } from '../../src/commands/rehearse/tftp-client.ts';
import type { SlowEnd, SlowPlan } from './slow.ts';

const [server = '', json = ''] = process.argv.slice(2);
const plan = JSON.parse(json) as SlowPlan;
const RESEND_MS = 1000;
const RESENDS = 8;

let waiting = plan.machines;
const begun = () => {
  waiting--;
  if (waiting === 0) process.stdout.write('begun\n');
};

type Ended = Omit<SlowEnd, 'sha256'>;

async function byTftp(hash: (data: Uint8Array) => void): Promise<Ended> {
  const socket = dgram.createSocket('udp4').bind(0);
  await once(socket, 'listening');
  const options = { blksize: '1428', windowsize: '8' };
  const download = new TftpDownload({ file: plan.file, options, resends: RESENDS, take: hash });
  const { promise, resolve } = Promise.withResolvers<Ended>();
  let timer: NodeJS.Timeout | undefined;
  let heard = false;
  const act = ({ say, end }: ReturnType<TftpDownload['hear']>) => {
    if (say) socket.send(say, 69, server);
    clearTimeout(timer);
    timer = setTimeout(() => act(download.silence()), RESEND_MS);
    if (!end) return;
    clearTimeout(timer);
    resolve(
      'kind' in end
        ? { how: end.kind, text: 'message' in end ? end.message : '' }
        : { how: 'whole', text: '' },
    );
  };
  socket.on('message', (bytes) => {
    if (!heard) begun();
    heard = true;
    const step = download.hear(bytes);
    if (step.end ?? !step.say) act(step);
    else setTimeout(() => act(step), plan.pause);
  });
  act({ say: download.begin() });
  const ended = await promise;
  socket.close();
  return ended;
}

async function byHttp(hash: (data: Uint8Array) => void): Promise<Ended> {
  for (;;) {
    const { promise, resolve } = Promise.withResolvers<Ended | { readonly again: number }>();
    const failed = (error: Error) => resolve({ how: 'cut', text: error.message });
    const request = http.get({ host: server, path: `/${plan.file}`, agent: false }, (response) => {
      const again = Number(response.headers['retry-after']);
      if (response.statusCode !== 200) return resolve(again > 0 ? { again } : { how: 'refused', text: '' });
      begun();
      response.on('data', async (part: Buffer) => {
        hash(part);
        response.pause();
        await sleep(plan.pause);
        response.resume();
      });
      response.on('error', failed).on('end', () => resolve({ how: 'whole', text: '' }));
    });
    request.on('error', failed);
    const ended = await promise;
    if ('how' in ended) return ended;
    await sleep(ended.again * 1000);
  }
}

async function machine(): Promise<void> {
  const sum = createHash('sha256');
  const load = plan.how === 'tftp' ? byTftp : byHttp;
  const ended = await load((data) => sum.update(data));
  process.stdout.write(`${JSON.stringify({ ...ended, sha256: sum.digest('hex') } satisfies SlowEnd)}\n`);
}

for (let number = 0; number < plan.machines; number++) void machine();
