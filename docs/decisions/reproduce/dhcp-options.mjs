// What the decoder makes of options that RFC 2131, 2132 and 3396 allow.
import protocol from 'dhcp/lib/protocol.js';
import { DISCOVER, message, packet, whence } from './rig/dhcp.mjs';

function read(what, bytes) {
  const said = [];
  console.error = (text) => said.push(text);
  let result;
  try {
    result = JSON.stringify(protocol.parse(bytes).options);
  } catch (error) {
    result = whence(error);
  }
  console.log(`${what}: ${[result, ...said].join(' | ')}`);
}

const hostName = [12, 2, 0x6f, 0x6b];
read('53, 12 "ok"', message(DISCOVER, hostName));
read('pad, 53, 12 "ok"', packet([0, 53, 1, DISCOVER, ...hostName]));
read('51 in 1 byte, 12 "ok"', message(DISCOVER, [51, 1, 9, ...hostName]));
read('36 (1 byte by RFC 2132) = 0, 12 "ok"', message(DISCOVER, [36, 1, 0, ...hostName]));
read('12 in two parts, "o" and "k"', message(DISCOVER, [12, 1, 0x6f, 12, 1, 0x6b]));
read('52 = 1, 12 "ok" in the file field', message(DISCOVER, [52, 1, 1], { file: '\x0c\x02ok\xff' }));
read('cookie 0.0.0.0', packet([53, 1, DISCOVER], { cookie: [0, 0, 0, 0] }));
read('230 bytes', message(DISCOVER).subarray(0, 230));
read('77, 82, 93', message(DISCOVER, [77, 1, 1, 82, 1, 1, 93, 2, 0, 0]));
read('94, 97, 175', message(DISCOVER, [94, 3, 1, 2, 1, 97, 1, 0, 175, 1, 1]));
