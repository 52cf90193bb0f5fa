import dgram from 'node:dgram';
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { TftpDownload, type TftpStep } from '../../src/commands/rehearse/tftp-client.ts';

/** A file that came whole, as its server says; or that did not. */
export type Download =
  | { readonly state: 'whole'; readonly bytes: Buffer; readonly tag?: string }
  | { readonly state: 'refused' | 'cut off' };

/** By HTTP; reads the second half after a pause in milliseconds, so that most of a large file is still with the server. */
export async function fetchHttp(port: number, name: string, pause: number): Promise<Download> {
  const request = http.get({ host: '127.0.0.1', port, path: `/${name}`, agent: false });
  try {
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    const parts: Buffer[] = [];
    let got = 0;
    for await (const part of response as AsyncIterable<Buffer>) {
      parts.push(part);
      if (got === 0) await sleep(pause);
      got += part.length;
    }
    if (response.statusCode !== 200) return { state: 'refused' };
    if (got !== Number(response.headers['content-length'])) return { state: 'cut off' };
    return { state: 'whole', bytes: Buffer.concat(parts), tag: response.headers.etag ?? '' };
  } catch {
    return { state: 'cut off' };
  } finally {
    request.destroy();
  }
}

const RESEND_MS = 500;

/** By TFTP, as firmware does it. */
export async function fetchTftp(
  port: number,
  file: string,
  options: Record<string, string>,
): Promise<Download> {
  const parts: Buffer[] = [];
  const socket = dgram.createSocket('udp4');
  const download = new TftpDownload({
    file,
    options: { tsize: '0', ...options },
    resends: 20,
    take: (data) => void parts.push(Buffer.from(data)),
  });
  try {
    return await new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const act = ({ say, end }: TftpStep) => {
        clearTimeout(timer);
        if (say) socket.send(say, port, '127.0.0.1');
        if (!end) timer = setTimeout(() => act(download.silence()), RESEND_MS);
        else if (!('kind' in end)) resolve({ state: 'whole', bytes: Buffer.concat(parts) });
        else resolve({ state: parts.length > 0 ? 'cut off' : 'refused' });
      };
      socket.on('message', (bytes) => act(download.hear(bytes)));
      act({ say: download.begin() });
    });
  } finally {
    socket.close();
  }
}
