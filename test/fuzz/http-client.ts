import net from 'node:net';

/** One answer as it came; the header lines sorted, Date left out. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
}

/** Longer than any host takes for a handful of small answers. */
const HANGS_MS = 20_000;

/**
 * Sends requests, all at once, on as few connections as they last for: what comes after an answer that closes the connection is sent again
 * on the next. Each gets its answer; undefined where the server closed the connection without one.
 *
 * @param isHead whether the answer to that request has no body.
 * @param saysMore false: the connection is closed on this side when all is sent, as what was sent may be the beginning of anything.
 * @throws Error where an answer does not come, or is none.
 */
export async function exchange(
  port: number,
  requests: readonly Uint8Array[],
  isHead: (request: Uint8Array) => boolean,
  saysMore = true,
): Promise<(Answer | undefined)[]> {
  const answers: (Answer | undefined)[] = [];
  while (answers.length < requests.length) {
    const rest = requests.slice(answers.length);
    const end = rest.findIndex(isLast);
    const left = end < 0 ? rest : rest.slice(0, end + 1);
    const got = await once(port, left, left.map(isHead), saysMore);
    answers.push(...(got.length === 0 ? [undefined] : got));
  }
  return answers;
}

/** Nothing may follow it: what a server makes of that is left to chance. */
function isLast(request: Uint8Array): boolean {
  const text = Buffer.from(request).toString('latin1');
  return / HTTP\/1\.0\r\n|\r\nconnection:[^\r]*close/i.test(text) || !/\r\nhost:/i.test(text);
}

function once(
  port: number,
  requests: readonly Uint8Array[],
  heads: readonly boolean[],
  saysMore: boolean,
): Promise<Answer[]> {
  return new Promise((resolve, reject) => {
    const answers: Answer[] = [];
    let unread = '';
    const socket = net.connect(port, '127.0.0.1');
    const timer = setTimeout(() => {
      socket.destroy();
      const which = Buffer.from(requests[answers.length]!).toString('latin1');
      reject(new Error(`no answer within ${HANGS_MS / 1000} s to ${JSON.stringify(which)}`));
    }, HANGS_MS);
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answers);
    };
    socket.setEncoding('latin1');
    socket.on('data', (data) => {
      unread += data;
      try {
        for (let answer = readAnswer(unread, heads[answers.length]!); answer; ) {
          answers.push(answer.answer);
          unread = unread.slice(answer.end);
          if (answers.length === requests.length || answer.last) return done();
          answer = readAnswer(unread, heads[answers.length]!);
        }
      } catch (error) {
        clearTimeout(timer);
        socket.destroy();
        reject(error);
      }
    });
    // A connection that the server ends with requests unread is reset.
    socket.on('error', () => undefined);
    socket.on('close', done);
    socket.write(Buffer.concat(requests));
    if (!saysMore) socket.end();
  });
}

const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) [^\r\n]*$/;

/** The first answer in the text; undefined while it is not complete. `last`: nothing follows on this connection. */
function readAnswer(
  text: string,
  isHead: boolean,
): { answer: Answer; end: number; last: boolean } | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [first, ...lines] = text.slice(0, headEnd).split('\r\n');
  const status = Number(STATUS_LINE.exec(first!)?.[1]);
  if (!status) throw new Error(`not an answer: ${JSON.stringify(text.slice(0, 200))}`);
  if (status < 200) {
    const next = readAnswer(text.slice(headEnd + 4), isHead);
    return next && { ...next, end: next.end + headEnd + 4 };
  }
  const field = (name: string) =>
    lines
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  const headers = lines.filter((line) => !/^date:/i.test(line)).sort();
  const start = headEnd + 4;
  const stream = field('content-type')?.startsWith('text/event-stream') ?? false;
  const last = field('connection') === 'close' || stream;
  if (isHead || stream || status === 304 || status === 204)
    return { answer: { status, headers, body: '' }, end: start, last };
  if (field('transfer-encoding') === 'chunked') {
    const end = text.indexOf('0\r\n\r\n', start);
    if (end < 0) return undefined;
    return { answer: { status, headers, body: text.slice(start, end) }, end: end + 5, last };
  }
  const length = Number(field('content-length'));
  if (!(length >= 0))
    throw new Error(`an answer without a length: ${JSON.stringify(text.slice(0, headEnd))}`);
  if (text.length < start + length) return undefined;
  return { answer: { status, headers, body: text.slice(start, start + length) }, end: start + length, last };
}
