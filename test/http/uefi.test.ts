import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { test } from 'node:test';
import { type HttpService, startHttp } from '../../src/http/service.ts';
import type { Event } from '../../src/journal/event.ts';
import { Folder } from '../assets/folder.ts';
import { profileFor } from './rig.ts';

const loader = randomBytes(240_001);

/** The http service with an empty images/ and a package that has snponly.efi. */
class Packaged implements AsyncDisposable {
  readonly images = new Folder();
  readonly #package = new Folder();
  readonly events: Event[] = [];
  #service: HttpService | undefined;

  async start(): Promise<this> {
    this.#package.write('snponly.efi', loader);
    const base = profileFor(this.images.path);
    const profile = { ...base, paths: { ...base.paths, loaders: this.#package.path } };
    this.#service = await startHttp({ profile, sink: (event) => this.events.push(event) });
    return this;
  }

  connect(): Connection {
    return new Connection(this.#service!.port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service?.stop();
    this.images[Symbol.dispose]();
    this.#package[Symbol.dispose]();
  }
}

/** One connection on which requests follow each other, as EDK2's HTTP driver keeps it. */
class Connection {
  readonly #socket: net.Socket;
  #received = Buffer.alloc(0);
  #wake = () => {};
  #closed = false;

  constructor(port: number) {
    this.#socket = net.connect(port, '127.0.0.1');
    this.#socket.on('data', (data: Buffer) => {
      this.#received = Buffer.concat([this.#received, data]);
      this.#wake();
    });
    this.#socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  send(...lines: readonly string[]): void {
    this.#socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  }

  /** The next response's head, and so many bytes behind it as its Content-Length says, or none. */
  async response(body: 'with body' | 'head only'): Promise<{ head: string; body: Buffer }> {
    const end = await this.#until(() => this.#received.indexOf('\r\n\r\n'));
    const head = this.#received.toString('latin1', 0, end);
    this.#received = this.#received.subarray(end + 4);
    const length = body === 'with body' ? Number(/content-length: (\d+)/i.exec(head)?.[1]) : 0;
    await this.#until(() => (this.#received.length >= length ? length : -1));
    const content = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return { head, body: content };
  }

  async closed(): Promise<void> {
    await this.#until(() => (this.#closed ? 0 : -1));
    assert.equal(this.#received.length, 0);
  }

  close(): void {
    this.#socket.destroy();
  }

  async #until(found: () => number): Promise<number> {
    for (;;) {
      const at = found();
      if (at >= 0) return at;
      if (this.#closed) throw new Error('the server hung up');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

// As captured from OVMF.
const EDK2 = ['Host: 10.88.0.1', 'Accept: */*', 'User-Agent: UefiHttpBoot/1.0'];

test('what EDK2 sends, HEAD and then GET on one connection, gives length, type and the packaged loader', async () => {
  await using served = await new Packaged().start();
  const firmware = served.connect();
  firmware.send('HEAD /snponly.efi HTTP/1.1', ...EDK2);
  const { head } = await firmware.response('head only');
  assert.match(head, /^HTTP\/1\.1 200 /);
  assert.match(head, /^content-length: 240001$/im);
  assert.match(head, /^content-type: application\/efi$/im);
  firmware.send('GET /snponly.efi HTTP/1.1', ...EDK2);
  const got = await firmware.response('with body');
  assert.match(got.head, /^content-type: application\/efi$/im);
  assert.doesNotMatch(got.head, /transfer-encoding/i, 'EDK2 wants the length beforehand');
  assert.ok(got.body.equals(loader));
  firmware.close();
  assert.deepEqual(served.events.filter(({ kind }) => kind === 'asset.loader.packaged').length, 1);
});

test('the loader in images/ goes before the packaged one', async () => {
  await using served = await new Packaged().start();
  served.images.write('snponly.efi', 'mine');
  const firmware = served.connect();
  firmware.send('GET /snponly.efi HTTP/1.1', ...EDK2);
  assert.equal((await firmware.response('with body')).body.toString(), 'mine');
  firmware.close();
});

test('an HTTP/1.0 client without a Host header gets length and file, and the connection is closed behind it', async () => {
  await using served = await new Packaged().start();
  const firmware = served.connect();
  firmware.send('GET /snponly.efi HTTP/1.0');
  const { head, body } = await firmware.response('with body');
  assert.match(head, /^HTTP\/1\.[01] 200 /);
  assert.ok(body.equals(loader));
  await firmware.closed();
});

test('an absolute URL in the request line, as proxies and some firmware send it, names the same file', async () => {
  await using served = await new Packaged().start();
  const firmware = served.connect();
  firmware.send('GET http://10.88.0.1/snponly.efi HTTP/1.1', ...EDK2);
  const { head, body } = await firmware.response('with body');
  assert.match(head, /^HTTP\/1\.1 200 /);
  assert.ok(body.equals(loader));
  firmware.close();
});

test('a loader that is nowhere is a 404 with a length, so that firmware goes on at once', async () => {
  await using served = await new Packaged().start();
  const firmware = served.connect();
  firmware.send('HEAD /bootx64.efi HTTP/1.1', ...EDK2);
  const { head } = await firmware.response('head only');
  assert.match(head, /^HTTP\/1\.1 404 /);
  assert.match(head, /^content-length: \d+$/im);
  firmware.close();
});

test('grub.cfg and autoexec.ipxe are served as they are generated', async () => {
  await using served = await new Packaged().start();
  const client = served.connect();
  client.send('GET /grub/grub.cfg HTTP/1.1', 'Host: x');
  assert.match((await client.response('with body')).body.toString(), /^# GRUB [\s\S]*remoteboot_reads/);
  client.send('GET /autoexec.ipxe HTTP/1.1', 'Host: x');
  assert.match((await client.response('with body')).body.toString(), /^#!ipxe\n[\s\S]*dhcp net0/);
  client.close();
});
