import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { download } from '../../src/assets/download.ts';

test('downloads go through the proxy of the environment, but not where no_proxy says so', async () => {
  const origin = http.createServer((_, response) => response.end('direct'));
  const through: string[] = [];
  const proxy = http.createServer((request, response) => {
    through.push(request.url ?? '');
    response.end('proxied');
  });
  // Node tunnels plain HTTP as well.
  proxy.on('connect', (request, client: net.Socket) => {
    through.push(request.url ?? '');
    const target = net.connect((origin.address() as AddressInfo).port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    for (const socket of [client, target]) socket.on('error', () => {});
  });
  await Promise.all([origin, proxy].map((server) => once(server.listen(0, '127.0.0.1'), 'listening')));
  const port = (server: http.Server) => (server.address() as AddressInfo).port;
  const restore = http.setGlobalProxyFromEnv({
    http_proxy: `http://127.0.0.1:${port(proxy)}`,
    no_proxy: '127.0.0.1',
  });
  try {
    const signal = new AbortController().signal;
    await download('http://boot.invalid/undionly.kpxe', signal);
    assert.equal(through.length, 1);
    assert.match(through[0]!, /boot\.invalid/);
    const direct = await download(`http://127.0.0.1:${port(origin)}/`, signal);
    assert.equal(Buffer.from(direct).toString(), 'direct');
    assert.equal(through.length, 1);
  } finally {
    restore();
    for (const server of [origin, proxy]) server.close().closeAllConnections();
  }
});
