import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handleAsProxy } from '../../src/dhcp/proxy.ts';
import { MESSAGE, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { relayOption, rigWith } from './relayed.ts';
import { BIOS_ROM, message, Rig, SERVER, SETTINGS } from './rig.ts';

test('whoever claims another address than the one it is given is answered where it is, not where it says', () => {
  const rig = new Rig();
  const { yiaddr } = rig.discover();
  const ack = rig.select(yiaddr, { ciaddr: '192.0.2.7' });
  assert.equal(ack.what, 'ACK');
  assert.equal(ack.to, `${yiaddr}:68 via 525400000001`);
  assert.equal(rig.discover({ ciaddr: '192.0.2.7' }).to, `${yiaddr}:68 via 525400000001`);
});

test('an INFORM from the address of all hosts, or of none, is answered to nobody', () => {
  const rig = new Rig();
  for (const ciaddr of ['10.0.0.255', '10.0.0.0'])
    assert.equal(rig.bytes(message(MESSAGE.inform, { ciaddr })).what, 'silence', ciaddr);
});

for (const giaddr of ['255.255.255.255', '224.0.0.1', '127.0.0.1', '0.0.0.9'])
  test(`a relay that calls itself ${giaddr} gets nothing, whatever link it speaks for`, () => {
    const options = relayOption({ 5: '10.1.0.1' });
    assert.equal(rigWith().discover({ giaddr, options }).what, 'silence');
    assert.equal(rigWith().discover({ giaddr: '10.1.0.1', options }).what, 'OFFER');
  });

test('a proxy answers a REQUEST that chooses it only on its own network', () => {
  const request = (ciaddr: string) =>
    message(MESSAGE.request, { ciaddr, options: { ...BIOS_ROM, [OPTION.serverIdentifier]: SERVER } });
  const answered = (ciaddr: string) => handleAsProxy(request(ciaddr), 0, SETTINGS).answer !== undefined;
  assert.equal(answered('10.0.0.77'), true);
  assert.equal(answered('192.0.2.7'), false);
  assert.equal(answered('10.0.0.255'), false);
});
