import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';

type Problems = () => readonly string[] | Promise<readonly string[]>;

/** Where a service tells its health: told apart by its state folder, so that two appliances on one host do not meet. */
export function healthSocket(runDirectory: string, state: string, service: string): string {
  const instance = createHash('sha256').update(path.resolve(state)).digest('hex').slice(0, 8);
  return path.join(runDirectory, `remoteboot-${instance}-${service}.sock`);
}

/** Answers every connection with the problems of the moment, as a JSON array of sentences. */
export async function tellHealth(file: string, problems: Problems): Promise<{ close(): void }> {
  rmSync(file, { force: true });
  const server = net.createServer(async (connection) => {
    connection.on('error', () => connection.destroy());
    connection.end(JSON.stringify(await problems()));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(file, () => resolve());
  });
  server.unref();
  return {
    close() {
      server.close();
      rmSync(file, { force: true });
    },
  };
}

/** The problems of a running service; a service that does not answer is a problem itself. Never rejects. */
export function askHealth(file: string, service: string, timeoutMs: number): Promise<readonly string[]> {
  return new Promise((resolve) => {
    let answer = '';
    const fail = (reason: string) => resolve([`${service} is not running, or does not answer: ${reason}`]);
    const connection = net.connect(file);
    connection.setTimeout(timeoutMs, () => {
      connection.destroy();
      fail(`silent for ${timeoutMs} ms`);
    });
    connection.on('error', (error) => fail(error.message));
    connection.on('data', (data) => {
      answer += data;
    });
    connection.on('end', () => {
      try {
        resolve(JSON.parse(answer) as string[]);
      } catch {
        fail('it was cut off');
      }
    });
  });
}
