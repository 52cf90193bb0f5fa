// A mirror of loaders that takes half a second for each, and gives another edition each time: `node mirror-program.ts PORT`.
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { EDITIONS, loaderOf } from './loaders.ts';

const PIECES = 20;
const PIECE_MS = 25;
let asked = 0;

http
  .createServer(async (request, response) => {
    const bytes = loaderOf(request.url ?? '', asked++ % EDITIONS);
    response.on('error', () => undefined);
    response.writeHead(bytes ? 200 : 404, { 'Content-Length': bytes?.length ?? 0 });
    const piece = Math.ceil((bytes?.length ?? 0) / PIECES);
    for (let at = 0; bytes && at < bytes.length && !response.destroyed; at += piece) {
      response.write(bytes.subarray(at, at + piece));
      await sleep(PIECE_MS);
    }
    response.end();
  })
  .listen(Number(process.argv[2]), '127.0.0.1');
