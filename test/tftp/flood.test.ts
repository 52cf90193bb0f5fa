import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decode } from '../../src/protocol/tftp/codec.ts';
import type { Sent } from '../fuzz/sent.ts';
import { Port } from './port.ts';

const types = (sent: readonly Sent[]) => sent.map(({ bytes }) => decode(bytes).type);
const bytesOf = (sent: readonly Sent[]) => sent.reduce((sum, { bytes }) => sum + bytes.length, 0);
const HOUR = 3_600_000;

describe('a request that nobody answers', () => {
  for (const [options, type, most] of [
    [{}, 'data', 4 * 516],
    [{ tsize: '0', blksize: '1468', windowsize: '4' }, 'oack', 4 * 45],
    [{ timeout: '1' }, 'oack', 4 * 12],
    [{ timeout: '255', blksize: '1468' }, 'oack', 4 * 30],
  ] as const) {
    test(`costs four packets at most, of ${most} bytes in all, and no ERROR at the end (${JSON.stringify(options)})`, async () => {
      const port = new Port();
      const sent = [...(await port.request('10.0.0.5:2070', options)), ...port.pass(HOUR)];
      assert.deepEqual(new Set(types(sent)), new Set([type]));
      assert.ok(sent.length >= 2 && sent.length <= 4, `${sent.length} packets`);
      assert.ok(bytesOf(sent) <= most, `${bytesOf(sent)} bytes`);
      assert.equal(port.server.running, 0);
    });
  }

  test('and comes again and again costs four more', async () => {
    const port = new Port();
    const sent: Sent[] = [];
    for (let times = 0; times < 1000; times++) {
      sent.push(...(await port.request('10.0.0.5:2070', {})), ...port.pass(10));
    }
    assert.ok(sent.length <= 1 + 3 + 4, `${sent.length} packets in ten seconds`);
  });

  test('is sent DATA no more than 32 times at once, however many ports of an address ask', async () => {
    const port = new Port({ all: 4096, perAddress: 256 });
    let sent = 0;
    for (let n = 0; n < 200; n++) sent += (await port.request(`10.0.0.5:${2000 + n}`, {})).length;
    assert.equal(sent, 32);
    assert.equal((await port.request('10.0.0.6:2000', {})).length, 1);
  });
});

describe('transfers of one address', () => {
  test('have their limit, and its unanswered ones give way once they are old', async () => {
    const port = new Port({ all: 100, perAddress: 3 });
    for (const from of [1, 2, 3]) assert.equal((await port.request(`10.0.0.5:200${from}`)).length, 1);
    assert.deepEqual(await port.request('10.0.0.5:2004'), [], 'nothing is said');
    assert.equal((await port.request('10.0.0.6:2000')).length, 1, 'others have their own');
    await port.ack('10.0.0.5:2001', 0);
    port.pass(600);
    assert.deepEqual(types(await port.request('10.0.0.5:2004')), ['oack']);
    assert.deepEqual(types(await port.ack('10.0.0.5:2001', 1)), ['data'], 'the answered one is left alone');
    assert.deepEqual(await port.ack('10.0.0.5:2002', 0), [], 'the oldest unanswered one is gone');
  });

  test('that are all answered make a new one wait, and it is served when one is over', async () => {
    const port = new Port({ all: 100, perAddress: 1 });
    await port.request('10.0.0.5:2001', { blksize: '65000' });
    await port.ack('10.0.0.5:2001', 0);
    port.pass(600);
    assert.deepEqual(await port.request('10.0.0.5:2002'), []);
    await port.hear('10.0.0.5:2001', { type: 'error', code: 0, message: '' });
    assert.equal((await port.request('10.0.0.5:2002')).length, 1);
  });

  test('that come to nothing are counted: a flood of one address costs a bounded number of looks at files', async () => {
    const port = new Port({ all: 4096, perAddress: 16 });
    let answered = 0;
    for (let n = 0; n < 2000; n++) {
      answered += (await port.request(`10.0.0.5:${2000 + n}`, {}, 'missing')).length;
      port.pass(1);
    }
    assert.ok(answered <= 2 * 16 + 2 * 16, `${answered} in two seconds`);
  });

  test('that come to something are not, however many there are', async () => {
    const port = new Port({ all: 4096, perAddress: 2 });
    for (let n = 0; n < 100; n++) {
      const from = `10.0.0.5:${2000 + n}`;
      assert.equal((await port.request(from)).length, 1, `${n}`);
      await port.ack(from, 0);
      await port.hear(from, { type: 'error', code: 0, message: '' });
    }
  });
});

describe('when all transfers are taken', () => {
  test('a machine gets in at once: the oldest unanswered one of the address that has most of them gives way', async () => {
    const port = new Port({ all: 10, perAddress: 8 });
    for (let n = 0; n < 7; n++) await port.request(`10.0.0.66:${2000 + n}`);
    for (const n of [7, 8]) await port.request(`10.0.0.${n}:2000`);
    await port.request('10.0.0.67:2000');
    assert.deepEqual(types(await port.request('10.0.0.9:2000')), ['oack']);
    assert.equal(port.server.running, 10);
    assert.deepEqual(types(await port.ack('10.0.0.9:2000', 0)), ['data']);
    assert.deepEqual(
      types(await port.ack('10.0.0.7:2000', 0)),
      ['data'],
      'one that asked before is still there',
    );
    assert.deepEqual(await port.ack('10.0.0.66:2000', 0), [], 'the flood has lost its oldest');
    assert.deepEqual(types(await port.ack('10.0.0.66:2001', 0)), ['data']);
  });

  test('forged requests of ten thousand addresses keep no machine from its file', async () => {
    const port = new Port({ all: 64, perAddress: 8 });
    let forged = 0;
    const flood = async (times: number) => {
      for (let n = 0; n < times; n++, forged++) {
        await port.request(
          `10.0.${1 + ((forged >> 8) % 200)}.${1 + (forged % 250)}:${1024 + (forged % 60_000)}`,
        );
      }
    };
    await flood(5000);
    for (let machine = 10; machine < 20; machine++) {
      await flood(200);
      const from = `10.0.0.${machine}:2070`;
      assert.deepEqual(types(await port.request(from)), ['oack'], from);
      await flood(30);
      for (let block = 0, last = false; !last; block++) {
        const sent = await port.ack(from, block);
        assert.equal(sent.length, 1, `block ${block + 1} of ${from}`);
        last = sent[0]!.bytes.length < 516;
        if (last) await port.ack(from, block + 1);
        port.pass(1);
        await flood(3);
      }
    }
    assert.equal(port.has('tftp.done'), 10);
    assert.ok(port.server.running <= 64);
  });

  test('and answered, one that crawls gives way, and no other', async () => {
    const port = new Port({ all: 3, perAddress: 3 });
    for (const n of [1, 2, 3]) {
      await port.request(`10.0.0.${n + 4}:2000`, { blksize: '1468', windowsize: '4' });
      await port.ack(`10.0.0.${n + 4}:2000`, 0);
    }
    assert.deepEqual(await port.request('10.0.0.9:2000'), [], 'all of them are young');
    for (let seconds = 0; seconds < 3; seconds++) {
      port.pass(4000);
      for (const n of [5, 7]) await port.ack(`10.0.0.${n}:2000`, 4 * (seconds + 1));
    }
    port.pass(300);
    const sent = await port.request('10.0.0.9:2000');
    assert.deepEqual(types(sent), ['error', 'oack'], 'the slow one is told');
    assert.equal(port.has('tftp.cancelled'), 1);
  });
});

describe('nothing is sent', () => {
  const request = { type: 'rrq', file: 'file', mode: 'octet', options: new Map() } as const;
  const garbage = Buffer.from('\0\x01never ends');
  for (const from of [
    '192.168.7.5:2070',
    '10.0.0.1:69',
    '10.0.0.5:0',
    '10.0.255.255:2070',
    '10.0.0.0:2070',
    '224.0.0.1:2070',
    '255.255.255.255:2070',
    '127.0.0.1:2070',
    '0.0.0.0:68',
  ]) {
    test(`to ${from}`, async () => {
      const port = new Port();
      assert.deepEqual(await port.hear(from, request), []);
      assert.deepEqual(await port.hear(from, garbage), []);
      assert.deepEqual(await port.ack(from, 1), []);
      assert.deepEqual(port.pass(HOUR), []);
    });
  }

  test('to an ERROR, an OACK, DATA or bytes of any kind that belong to no transfer', async () => {
    const port = new Port();
    for (const packet of [
      { type: 'error', code: 4, message: 'x' },
      { type: 'oack', options: new Map() },
      { type: 'data', block: 1, data: Buffer.from('x') },
    ] as const)
      assert.deepEqual(await port.hear('10.0.0.5:69', packet), []);
    for (const bytes of ['', '\0', '\0\x07', 'GET / HTTP/1.1', '\x01\x01'])
      assert.deepEqual(await port.hear('10.0.0.5:2070', Buffer.from(bytes, 'latin1')), []);
  });

  test('but DATA to another server’s port, which could take an ERROR for a question', async () => {
    const port = new Port();
    for (const from of ['10.0.0.5:69', '10.0.0.5:67', '10.0.0.5:53']) {
      assert.deepEqual(await port.hear(from, garbage), []);
      assert.deepEqual(await port.ack(from, 1), []);
      assert.deepEqual(await port.request(from, {}, 'missing'), []);
    }
  });
});

test('an ERROR is one small packet, and an address gets so many a second and no more', async () => {
  const port = new Port({ all: 4096, perAddress: 4096 });
  const asked = Buffer.from('\0\x01never ends');
  let errors = 0;
  for (let n = 0; n < 3000; n++) {
    const sent = await port.hear(`10.0.0.5:${2000 + n}`, asked);
    assert.ok(sent.length <= 1 && bytesOf(sent) <= 24, `${bytesOf(sent)} bytes`);
    errors += sent.length;
    port.pass(1);
  }
  assert.ok(errors >= 512 && errors <= 512 + 4 * 128, `${errors} in three seconds`);
  assert.equal((await port.hear('10.0.0.6:2000', asked)).length, 1);
});

test('machines of other networks are answered where that is wished', async () => {
  const port = new Port(undefined, true);
  assert.equal((await port.request('192.168.7.5:2070')).length, 1);
  assert.deepEqual(await port.request('224.0.0.1:2070'), []);
});
