import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Pace } from '../../src/tftp/pace.ts';
import { Rig, summary, terms } from './rig.ts';

/** A pace that has seen these answers. */
function paceOf(samples: readonly number[], timeout?: number, windowSize = 1): Pace {
  const pace = new Pace(timeout, windowSize);
  for (const ms of samples) pace.sample(ms);
  return pace;
}

const many = (ms: number) => Array.from({ length: 50 }, () => ms);

describe('before anything is known of a peer', () => {
  test('the first retransmission comes after a second, and later ones more slowly', () => {
    const rig = new Rig(5000);
    rig.start(100);
    const times: number[] = [];
    while (!rig.transfer.outcome) {
      const { deadline } = rig.transfer;
      times.push(deadline - 100);
      assert.deepEqual(rig.expire(deadline - 1), [], 'nothing is sent before its time');
      const sent = rig.expire(deadline);
      assert.equal(summary(sent), rig.transfer.outcome ? '' : 'data 1');
    }
    assert.deepEqual(times, [1000, 3000, 7000, 15000]);
    assert.deepEqual(rig.transfer.outcome, { type: 'timeout' });
    assert.equal(rig.transfer.retransmissions, 3);
  });

  test('a window of up to four blocks may take half a second longer for each of them', () => {
    assert.deepEqual(
      [1, 4, 16, 64].map((windowSize) => new Pace(undefined, windowSize).wait(0)),
      [1000, 2500, 2500, 2500],
    );
  });

  test('the answer to the OACK, for which nothing is written to flash, is no sample', () => {
    const rig = new Rig(5000, terms({ accepted: new Map([['tsize', '1']]) }));
    rig.start(0);
    rig.ack(0, 0.1);
    assert.equal(rig.transfer.deadline, 1000.1);
  });
});

describe('the wait follows the measured time', () => {
  test('but is never shorter than 20 ms', () => {
    const pace = paceOf(many(0.1));
    assert.deepEqual(
      [0, 1, 2, 3].map((again) => pace.wait(again)),
      [20, 40, 80, 160],
    );
  });

  test('and never grows beyond 10 s where the peer is faster', () => {
    assert.equal(paceOf(many(0.1)).wait(20), 10_000);
    assert.ok(paceOf(many(16_000)).wait(3) > 16_000);
  });

  test('and is twice as long at least, however steady the peer', () => {
    fc.assert(
      fc.property(fc.double({ min: 20, max: 5000, noNaN: true }), (ms) => {
        assert.ok(paceOf(many(ms)).wait(0) >= 2 * ms);
      }),
    );
  });

  test('an answer to what was sent again is no sample (Karn)', () => {
    const rig = new Rig(512 * 100);
    rig.start(0);
    rig.expire(1000);
    rig.ack(1, 1000.1);
    assert.equal(rig.transfer.deadline, 3000.1, 'the wait stays as long as it has become');
    rig.ack(2, 1000.2);
    assert.equal(rig.transfer.deadline, 1020.2, 'until there is a sample');
  });
});

describe('a peer that pauses', () => {
  test('after a second what is on its way is sent again at most six times, and the next pause is waited for', () => {
    const rig = new Rig(512 * 1000);
    rig.start(0);
    let now = 0;
    const block = (n: number, ms: number) => {
      const until = now + ms;
      let again = 0;
      while (rig.transfer.deadline <= until) again += rig.expire(rig.transfer.deadline).length;
      now = until;
      rig.ack(n, now);
      return again;
    };
    for (let n = 1; n <= 100; n++) assert.equal(block(n, 0.2), 0);
    assert.equal(block(101, 500), 4);
    for (let n = 102; n <= 200; n++) assert.equal(block(n, 0.2), 0);
    assert.equal(block(201, 500), 0, 'it was learned');
  });

  test('which comes right after a sending is known by its second answer', () => {
    const rig = new Rig(512 * 1000);
    rig.start(0);
    for (let n = 1; n <= 50; n++) rig.ack(n, n / 10);
    const sentAt = 5;
    rig.expire(sentAt + 20);
    rig.ack(51, sentAt + 21);
    assert.equal(rig.transfer.deadline, sentAt + 21 + 20, 'it may have been lost');
    rig.ack(51, sentAt + 21.1);
    rig.ack(52, sentAt + 21.2);
    assert.ok(rig.transfer.deadline > sentAt + 21.2 + 40, 'the first sending was answered too');
  });

  test('is no excuse for waits of more than a second', () => {
    const pace = paceOf(many(0.1));
    pace.paused(60_000);
    assert.equal(pace.wait(0), 1000);
  });

  test('is forgotten when it does not pause any more', () => {
    const pace = paceOf([...many(0.1), 400]);
    for (let n = 0; n < 2000; n++) pace.sample(0.1);
    assert.equal(pace.wait(0), 20);
  });
});

describe('an ACK that was lost and came again by the peer’s own timer, as after four seconds,', () => {
  test('does not hold up what is lost next, once the peer has answered faster', () => {
    const pace = paceOf([4000, 0.1]);
    assert.equal(pace.wait(0), 1000);
    for (const expected of [1000, 500, 250]) {
      pace.answered(1, 0.1, 1000.1);
      assert.equal(pace.wait(0), expected, 'each loss tells that it was no pause');
    }
  });

  test('makes the waits no longer than first waits are, while nothing else is known', () => {
    const pace = paceOf([]);
    pace.answered(3, 0.1, 7000.1);
    assert.equal(pace.wait(0), 2500);
    pace.answered(1, 500, 3000);
    assert.equal(pace.wait(0), 5000, 'but an answer that comes late is of a slow peer');
  });
});

describe('a peer that answers late for what was lost', () => {
  test('by a little, as on a busy network, does not make the waits longer with each loss', () => {
    const pace = paceOf(many(0.1));
    for (let loss = 0; loss < 20; loss++) pace.answered(1, 4, pace.wait(0) + 4);
    assert.ok(pace.wait(0) <= 100, `${pace.wait(0)} ms`);
  });

  test('is sent what is missing as soon the next time', () => {
    const pace = paceOf(many(0.1));
    pace.answered(1, 0.15, 20.15);
    assert.equal(pace.wait(0), 20);
  });
});

describe('a negotiated timeout (RFC 2349)', () => {
  test('is the first wait, and the longest', () => {
    const pace = paceOf([], 3);
    assert.deepEqual(
      [0, 1, 2].map((again) => pace.wait(again)),
      [3000, 3000, 3000],
    );
    const known = paceOf(many(1), 1);
    assert.equal(known.wait(0), 20);
    assert.equal(known.wait(10), 1000);
  });

  test('does not hurry a peer that has proved to be slower', () => {
    assert.ok(paceOf(many(2000), 1).wait(0) >= 4000);
  });

  test('gives at least one retransmission and an end, whatever it is', () => {
    for (let timeout = 1; timeout <= 255; timeout++) {
      const rig = new Rig(5000, terms({ timeout }));
      rig.start(0);
      while (!rig.transfer.outcome) rig.expire();
      assert.ok(rig.transfer.retransmissions >= 1, `${timeout} s`);
      assert.ok(new Pace(timeout, 1).patience <= Math.max(60, 2 * timeout) * 1000, `${timeout} s`);
    }
  });
});

for (const windowSize of [1, 4]) {
  test(`a peer that takes about 500 ms a block is never sent anything twice (window ${windowSize})`, () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 450, max: 550 }), { minLength: 30, maxLength: 60 }),
        (pauses) => {
          const rig = new Rig(
            512 * windowSize * 100,
            terms({ windowSize, accepted: new Map([['tsize', '1']]) }),
          );
          rig.start(0);
          let now = 0.2;
          rig.ack(0, now);
          for (const [window, ms] of pauses.entries()) {
            now += ms * windowSize;
            while (rig.transfer.deadline <= now) rig.expire(rig.transfer.deadline);
            rig.ack((window + 1) * windowSize, now);
          }
          assert.equal(rig.transfer.retransmissions, 0);
        },
      ),
    );
  });
}

test('a peer that takes longer than the first wait is sent one window twice, and no other', () => {
  const rig = new Rig(512 * 16 * 50, terms({ windowSize: 16 }));
  rig.start(0);
  let now = 0;
  for (let window = 1; window <= 50; window++) {
    while (rig.transfer.deadline <= now + 8000) rig.expire(rig.transfer.deadline);
    now += 8000;
    rig.ack(window * 16, now);
    assert.equal(rig.transfer.retransmissions, 2 * 16);
  }
});

test('the answer to the OACK is awaited no longer for large windows', () => {
  const rig = new Rig(5000, terms({ windowSize: 16, accepted: new Map([['windowsize', '16']]) }));
  rig.start(0);
  assert.equal(rig.transfer.deadline, 1000);
});

test('an ACK that moves the transfer on starts the waits anew', () => {
  const rig = new Rig(5000);
  rig.start(0);
  rig.ack(1, 20);
  for (let i = 0; i < 4; i++) rig.expire();
  rig.ack(2, 2000);
  rig.ack(3, 2020);
  const wait = rig.transfer.deadline - 2020;
  assert.ok(wait <= 1000 && rig.expire().length === 1);
  assert.equal(rig.transfer.deadline, 2020 + 3 * wait, 'the first wait, and then twice as long');
});

test('an ACK that moves nothing puts no deadline off', () => {
  const rig = new Rig(5000);
  rig.start(0);
  rig.ack(0, 200);
  rig.ack(7, 999);
  assert.equal(rig.transfer.deadline, 1000);
});
