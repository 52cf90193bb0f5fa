import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../lab/leftovers.ts';
import { requires } from '../lab/requires.ts';
import { type Download, fetchHttp, fetchTftp } from './content-clients.ts';
import { BLOCK, FILES, versionsIn } from './content-files.ts';

const program = (name: string) => fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
const WHOLE = Number(process.env.CONTENT_DOWNLOADS ?? 1000);
const DEADLINE_MS = 100_000;

describe('files that are rewritten all the time', requires('root', 'chrt'), () => {
  const folder = temporaryFolder('content');
  let server: ChildProcess;
  let writer: ChildProcess;
  let lines: AsyncIterator<string>;
  let ports: { http: number; tftp: number };
  const counts = new Map<string, number>();
  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);

  before(async () => {
    writer = spawn('chrt', ['-f', '1', process.execPath, program('content-writer'), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(writer.stdout!, 'data');
    server = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', program('content-server'), folder],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    lines = createInterface({ input: server.stdout! })[Symbol.asyncIterator]();
    ports = JSON.parse((await lines.next()).value);
  });
  after(() => {
    writer.kill('SIGKILL');
    server.kill('SIGKILL');
  });

  /** All downloads that end well are of one version, and as long as that was. */
  async function hold(
    fetch: (name: string, round: number) => Promise<Download>,
    by: string,
    clients: number,
  ) {
    const tags = new Map<string, number>();
    const deadline = Date.now() + DEADLINE_MS;
    let whole = 0;
    const client = async (first: number) => {
      for (let round = first; whole < WHOLE; round += clients) {
        assert.ok(Date.now() < deadline, `${by}: ${whole} of ${WHOLE} files in time`);
        const { name, size, way } = FILES[round % FILES.length]!;
        const download = await fetch(name, round);
        count(`${by} ${way}: ${download.state}`);
        if (download.state !== 'whole') continue;
        whole++;
        const { bytes, tag } = download;
        const versions = versionsIn(bytes);
        assert.ok(versions.size <= 1, `${name} by ${by}: versions ${[...versions].join(', ')} in one file`);
        assert.ok(
          way === 'truncated' || [BLOCK, size].includes(bytes.length),
          `${name}: ${bytes.length} bytes`,
        );
        if (tag === undefined || bytes.length === 0) continue;
        const [version] = versions;
        assert.equal(tags.get(`${name} ${tag}`) ?? version, version, `${name}: one entity tag, two versions`);
        tags.set(`${name} ${tag}`, version!);
      }
    };
    const failed = (error: unknown) => {
      whole = WHOLE;
      throw error;
    };
    await Promise.all(Array.from({ length: clients }, (_, n) => client(n).catch(failed)));
  }

  test('come whole and of one version, or not at all, by HTTP and by TFTP', {
    timeout: 2 * DEADLINE_MS,
  }, async () => {
    await Promise.all([
      hold((name, round) => fetchHttp(ports.http, name, (round * 7) % 50), 'HTTP', 8),
      hold((name, round) => fetchTftp(ports.tftp, name, TFTP[round % TFTP.length]!), 'TFTP', 4),
    ]);
    console.log(Object.fromEntries([...counts].toSorted()));
    for (const by of ['HTTP', 'TFTP']) {
      const cut = FILES.reduce((sum, { way }) => sum + (counts.get(`${by} ${way}: cut off`) ?? 0), 0);
      assert.ok(cut > 10, `${by}: ${cut} were cut off, which shows nothing`);
      assert.equal(
        counts.get(`${by} renamed: cut off`),
        undefined,
        'what is replaced by mv is sent to its end',
      );
    }
    server.kill('SIGTERM');
    const reasons: Record<string, number> = JSON.parse((await lines.next()).value);
    const changed = Object.keys(reasons).filter((reason) =>
      reason.includes('was changed while it was being sent'),
    );
    assert.ok(changed.length > 0);
    for (const reason of changed)
      assert.match(reason, /copy the new one beside it under another name, then mv it over/);
  });
});

const TFTP: readonly Record<string, string>[] = [
  { blksize: '1428', windowsize: '8' },
  { blksize: '1024' },
  { blksize: '1468', windowsize: '64' },
];
