// health.cjs SERVICE: what `main.ts health SERVICE` does, with nothing loaded but a socket: it is run in three containers for ever.
const { createHash } = require('node:crypto');
const { accessSync, constants } = require('node:fs');
const { connect } = require('node:net');
const { tmpdir } = require('node:os');

const [service] = process.argv.slice(2);
const instance = createHash('sha256')
  .update(process.env.STATE_DIR || '/state')
  .digest('hex')
  .slice(0, 8);
const socket = connect(`${process.env.RUN_DIR || runFolder()}/remoteboot-${instance}-${service}.sock`);

/** As main.ts chooses it: a container that was started again may find its tmpfs not writable. */
function runFolder() {
  try {
    accessSync('/run/remoteboot', constants.W_OK);
    return '/run/remoteboot';
  } catch {
    return tmpdir();
  }
}

function end(status, text) {
  process.stdout.write(`${text}\n`);
  process.exit(status);
}

let answer = '';
socket.setTimeout(4000, () => end(1, `${service} is silent`));
socket.on('error', ({ message }) => end(1, `${service} is not running, or does not answer: ${message}`));
socket.on('data', (part) => {
  answer += part;
});
socket.on('end', () => {
  const [head, body = ''] = answer.split('\r\n\r\n');
  if (!/^HTTP\/1\.\d 200 /.test(head)) end(1, `${service} does not tell its health`);
  const { problems } = JSON.parse(body);
  end(problems.length === 0 ? 0 : 1, problems.join('\n') || `${service} is well`);
});
socket.write('GET /health HTTP/1.0\r\n\r\n');
