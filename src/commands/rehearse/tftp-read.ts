import dgram from 'node:dgram';
import { once } from 'node:events';
import { TftpDownload, type TftpRequest, type TftpResult, type TftpTrouble } from './tftp-client.ts';

export interface TftpRead extends TftpRequest {
  /** Literal addresses. */
  readonly server: string;
  /** The address to ask from; the kernel's choice where it is left out. */
  readonly from?: string;
  readonly resendMs: number;
  /** Ends the reading at once, without a word to the server. */
  readonly signal?: AbortSignal;
}

const PORT = 69;

/**
 * Reads a file by TFTP. The server answers from port 69 or from one of its own; whoever else sends something is not heard.
 *
 * @throws Error of the socket; the signal's reason.
 */
export async function readTftp(read: TftpRead): Promise<TftpResult | TftpTrouble> {
  const { server, from, resendMs, signal } = read;
  signal?.throwIfAborted();
  const socket = dgram.createSocket('udp4');
  try {
    socket.bind(0, from);
    await once(socket, 'listening');
    return await new Promise((resolve, reject) => {
      const download = new TftpDownload(read);
      let port = PORT;
      let timer: NodeJS.Timeout | undefined;
      let over = false;
      const end = (settle: () => void) => {
        over = true;
        clearTimeout(timer);
        signal?.removeEventListener('abort', stopped);
        socket.removeAllListeners('message');
        settle();
      };
      const stopped = () => end(() => reject(signal!.reason));
      const listen = () => {
        clearTimeout(timer);
        timer = setTimeout(() => act(download.silence()), resendMs);
      };
      const act = ({ say, end: result }: ReturnType<TftpDownload['hear']>) => {
        // Whoever takes a block may have ended it all.
        if (over) return;
        if (say) {
          listen();
          // The kernel has the last word before the socket is closed.
          socket.send(say, port, server, () => result && end(() => resolve(result)));
        } else if (result) end(() => resolve(result));
      };
      signal?.addEventListener('abort', stopped);
      socket.on('error', (error) => end(() => reject(error)));
      socket.on('message', (bytes, peer) => {
        if (peer.address !== server || (port !== PORT && peer.port !== port)) return;
        port = peer.port;
        act(download.hear(bytes));
      });
      act({ say: download.begin() });
    });
  } finally {
    socket.close();
  }
}
