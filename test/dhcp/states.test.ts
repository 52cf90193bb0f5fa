import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AFTER_LEASE } from '../../src/leases/places.ts';
import { MESSAGE, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { longOf, textOf } from '../../src/protocol/dhcp/options.ts';
import { message, Rig, SERVER } from './rig.ts';

const A = '52:54:00:00:00:0a';
const B = '52:54:00:00:00:0b';
const at = (address: string) => ({ [OPTION.requestedAddress]: address });

test('DISCOVER is offered an address, and SELECTING it is acknowledged with a lease to store', () => {
  const rig = new Rig();
  const offer = rig.discover({ mac: A });
  assert.equal(offer.what, 'OFFER');
  assert.equal(offer.yiaddr, '10.0.0.10');
  assert.equal(offer.outcome.changes.length, 0, 'an offer waits for no disk');
  const ack = rig.select('10.0.0.10', { mac: A });
  assert.equal(ack.what, 'ACK');
  const [change] = ack.outcome.changes;
  assert.ok(
    change?.kind === 'put' && change.lease.state === 'bound' && change.lease.expires === rig.now + 7200,
  );
});

test('the same machine asking again gets the same offer, and another machine another one', () => {
  const rig = new Rig();
  const offers = [A, B, A, B, A].map((mac) => rig.discover({ mac, xid: 7 }).yiaddr);
  assert.deepEqual(offers, ['10.0.0.10', '10.0.0.11', '10.0.0.10', '10.0.0.11', '10.0.0.10']);
});

test('SELECTING another server is met with silence, and its offer is forgotten', () => {
  const rig = new Rig({ pool: { first: 0x0a00000a, count: 1, reserved: [] } });
  rig.discover({ mac: A });
  const chosen = rig.select('10.0.0.10', { mac: A, options: { [OPTION.serverIdentifier]: '10.0.0.9' } });
  assert.equal(chosen.what, 'silence');
  assert.deepEqual(chosen.kinds, ['dhcp.other-server']);
  assert.equal(rig.discover({ mac: B }).yiaddr, '10.0.0.10');
});

test('SELECTING an address that another machine has is refused', () => {
  const rig = new Rig();
  rig.lease(A);
  assert.equal(rig.select('10.0.0.10', { mac: B }).what, 'NAK');
});

test('SELECTING an address outside the pool is refused', () => {
  assert.equal(new Rig().select('10.0.0.200', { mac: A }).what, 'NAK');
});

test('SELECTING after the offer has lapsed is granted while the address is still nobody’s', () => {
  const rig = new Rig();
  rig.discover({ mac: A });
  rig.now += 3600;
  assert.equal(rig.select('10.0.0.10', { mac: A }).what, 'ACK');
});

test('INIT-REBOOT with the right address is acknowledged', () => {
  const rig = new Rig();
  rig.lease(A);
  assert.equal(rig.bytes(message(MESSAGE.request, { mac: A, options: at('10.0.0.10') })).what, 'ACK');
});

test('INIT-REBOOT with an address other than its own is refused', () => {
  const rig = new Rig();
  rig.lease(A);
  const nak = rig.bytes(message(MESSAGE.request, { mac: A, options: at('10.0.0.12') }));
  assert.equal(nak.what, 'NAK');
  assert.match(textOf(nak.packet!.options, OPTION.message)!, /10\.0\.0\.10 is yours/);
});

test('INIT-REBOOT from another network is refused', () => {
  const nak = new Rig().bytes(message(MESSAGE.request, { mac: A, options: at('192.168.1.5') }));
  assert.equal(nak.what, 'NAK');
  assert.equal(nak.to, '255.255.255.255:68');
  assert.equal(longOf(nak.packet!.options, OPTION.leaseTime), undefined);
});

test('INIT-REBOOT of a machine that is not known is met with silence: another server may know it', () => {
  const silent = new Rig().bytes(message(MESSAGE.request, { mac: A, options: at('10.0.0.12') }));
  assert.equal(silent.what, 'silence');
});

test('INIT-REBOOT of a machine that is not known is refused on a network of our own', () => {
  const rig = new Rig({ settings: { authoritative: true } });
  assert.equal(rig.bytes(message(MESSAGE.request, { mac: A, options: at('10.0.0.12') })).what, 'NAK');
});

test('RENEWING extends the lease and is answered to the client itself', () => {
  const rig = new Rig();
  rig.lease(A);
  rig.now += 3600;
  const ack = rig.bytes(message(MESSAGE.request, { mac: A, ciaddr: '10.0.0.10' }));
  assert.equal(ack.what, 'ACK');
  assert.equal(ack.to, '10.0.0.10:68');
  const [change] = ack.outcome.changes;
  assert.ok(change?.kind === 'put' && change.lease.expires === rig.now + 7200);
});

test('RENEWING a lease whose record was lost is granted where nobody else has the address', () => {
  const rig = new Rig();
  assert.equal(rig.bytes(message(MESSAGE.request, { mac: A, ciaddr: '10.0.0.12' })).what, 'ACK');
});

test('RENEWING an address that another machine has meanwhile is refused', () => {
  const rig = new Rig();
  rig.lease(A);
  assert.equal(rig.bytes(message(MESSAGE.request, { mac: B, ciaddr: '10.0.0.10' })).what, 'NAK');
});

test('a REQUEST that names no address at all is left alone', () => {
  assert.equal(new Rig().bytes(message(MESSAGE.request, { mac: A })).what, 'silence');
});

test('DECLINE keeps the address from everybody for an hour and gives the machine another', () => {
  const rig = new Rig({ pool: { first: 0x0a00000a, count: 2, reserved: [] } });
  rig.lease(A);
  const options = { ...at('10.0.0.10'), [OPTION.serverIdentifier]: SERVER };
  const declined = rig.bytes(message(MESSAGE.decline, { mac: A, options }));
  assert.equal(declined.what, 'silence');
  assert.deepEqual(declined.kinds, ['dhcp.decline']);
  assert.equal(rig.lease(A), '10.0.0.11');
  assert.equal(rig.discover({ mac: B }).what, 'silence');
  rig.now += 3601;
  assert.equal(rig.lease(B), '10.0.0.10');
});

test('a declined address stays declined through a restart', () => {
  const rig = new Rig({ pool: { first: 0x0a00000a, count: 1, reserved: [] } });
  rig.lease(A);
  rig.bytes(
    message(MESSAGE.decline, { mac: A, options: { ...at('10.0.0.10'), [OPTION.serverIdentifier]: SERVER } }),
  );
  rig.restart();
  assert.equal(rig.discover({ mac: B }).what, 'silence');
});

test('DECLINE and RELEASE of an address that is somebody else’s change nothing', () => {
  const rig = new Rig();
  rig.lease(A);
  const options = { ...at('10.0.0.10'), [OPTION.serverIdentifier]: SERVER };
  assert.deepEqual(rig.bytes(message(MESSAGE.decline, { mac: B, options })).outcome.changes, []);
  assert.deepEqual(rig.bytes(message(MESSAGE.release, { mac: B, ciaddr: '10.0.0.10' })).outcome.changes, []);
  assert.equal(rig.bytes(message(MESSAGE.request, { mac: A, ciaddr: '10.0.0.10' })).what, 'ACK');
});

test('RELEASE frees the address at once for others, and keeps it for its machine while nobody needs it', () => {
  const rig = new Rig({ pool: { first: 0x0a00000a, count: 2, reserved: [] } });
  rig.lease(A);
  const released = rig.bytes(
    message(MESSAGE.release, { mac: A, ciaddr: '10.0.0.10', options: { [OPTION.serverIdentifier]: SERVER } }),
  );
  assert.equal(released.what, 'silence');
  assert.equal(rig.lease(B), '10.0.0.11', 'a fresh address comes first');
  assert.equal(rig.lease(A), '10.0.0.10');
  rig.bytes(message(MESSAGE.release, { mac: A, ciaddr: '10.0.0.10' }));
  assert.equal(rig.lease('52:54:00:00:00:0c'), '10.0.0.10');
});

test('INFORM is answered with configuration, without an address or a lease', () => {
  const ack = new Rig().bytes(message(MESSAGE.inform, { mac: A, ciaddr: '10.0.0.99' }));
  assert.equal(ack.what, 'ACK');
  assert.equal(ack.yiaddr, '0.0.0.0');
  assert.equal(ack.to, '10.0.0.99:68');
  assert.equal(longOf(ack.packet!.options, OPTION.leaseTime), undefined);
  assert.equal(textOf(ack.packet!.options, OPTION.domainName), 'lab.example');
  assert.deepEqual(ack.outcome.changes, []);
});

test('INFORM from an address off this network is left alone', () => {
  assert.equal(new Rig().bytes(message(MESSAGE.inform, { mac: A, ciaddr: '8.8.8.8' })).what, 'silence');
});

test('a used-up pool is told with its size and the line for .env, and recovers as leases expire', () => {
  const rig = new Rig({ pool: { first: 0x0a00000a, count: 2, reserved: [] } });
  rig.lease(A);
  rig.lease(B);
  const none = rig.discover({ mac: '52:54:00:00:00:0c' });
  assert.equal(none.what, 'silence');
  const told = none.outcome.events.find((event) => event.kind === 'dhcp.pool-used-up');
  assert.ok(told?.kind === 'dhcp.pool-used-up' && told.size === 2 && told.example === 'LEASE_COUNT=4');
  rig.now += 7200 + AFTER_LEASE - 1;
  assert.equal(rig.discover({ mac: '52:54:00:00:00:0c' }).what, 'silence');
  rig.now += 1;
  assert.equal(rig.discover({ mac: '52:54:00:00:00:0c' }).yiaddr, '10.0.0.10');
});

test('an expired machine that comes back gets its address again', () => {
  const rig = new Rig();
  rig.lease(A);
  rig.lease(B);
  rig.now += 1_000_000;
  assert.equal(rig.lease(B), '10.0.0.11');
  assert.equal(rig.lease(A), '10.0.0.10');
});

test('only when nothing else is free is an address handed on, the one that expired longest ago first', () => {
  const rig = new Rig();
  const macs = ['1', '2', '3', '4'].map((n) => `52:54:00:00:00:0${n}`);
  for (const mac of macs.toReversed()) {
    rig.lease(mac);
    rig.now += 10;
  }
  rig.now += 100_000;
  assert.equal(rig.lease('52:54:00:00:01:01'), '10.0.0.10', 'that of the machine that came first');
  assert.equal(rig.lease('52:54:00:00:01:02'), '10.0.0.11');
  assert.equal(rig.lease(macs[0]!), '10.0.0.13', 'which is still its own');
});

test('a wished-for address is given where nobody had it', () => {
  assert.equal(new Rig().discover({ mac: A, options: at('10.0.0.12') }).yiaddr, '10.0.0.12');
});

test('a restart keeps every lease', () => {
  const rig = new Rig();
  const before = [A, B].map((mac) => rig.lease(mac));
  assert.deepEqual(rig.restart(), []);
  assert.deepEqual(
    [B, A].map((mac) => rig.lease(mac)),
    before.toReversed(),
  );
});

test('replies, BOOTP requests, unknown types and clients without any identity are left alone', () => {
  const rig = new Rig();
  const reply = Buffer.from(message(MESSAGE.discover));
  reply[0] = 2;
  for (const bytes of [
    reply,
    message(undefined),
    message(99),
    message(MESSAGE.offer),
    message(MESSAGE.discover, { mac: '00:00:00:00:00:00' }),
    message(MESSAGE.discover, { mac: '', hlen: 0 }),
    new Uint8Array(0),
  ]) {
    const { what, outcome } = rig.bytes(bytes);
    assert.equal(what, 'silence');
    assert.ok(outcome.events.length > 0, 'nothing is dropped without an event');
  }
});

test('a client without a hardware address is known by its client identifier', () => {
  const rig = new Rig();
  const say = {
    mac: '',
    hlen: 0,
    htype: 32,
    options: { [OPTION.clientIdentifier]: Uint8Array.of(255, 1, 2) },
  };
  const first = rig.discover(say);
  assert.equal(first.what, 'OFFER');
  assert.equal(first.to, '255.255.255.255:68');
  assert.equal(rig.discover(say).yiaddr, first.yiaddr);
});
