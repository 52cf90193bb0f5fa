import assert from 'node:assert/strict';
import { test } from 'node:test';
import { autoexecScript } from '../../src/boot/autoexec.ts';
import { isUnedited } from '../../src/boot/script-mark.ts';
import { readScript } from '../protocol/ipxe/model.ts';

const text = autoexecScript({
  addresses: { dhcp: 0x0a630001, tftp: 0x0a630001, http: 0x0a630002 },
  httpPort: 8080,
});
const lines = readScript(text);

test('every card gets an address by DHCP before the script is fetched by its absolute URL', () => {
  const cards = lines.filter(({ commands }) => commands[0]?.argv[0] === 'isset');
  assert.ok(cards.length >= 4);
  for (const [n, { commands }] of cards.entries()) {
    assert.deepEqual(
      commands.map(({ argv, end }) => [argv.join(' '), end]),
      [
        [`isset \${net${n}/mac}`, '&&'],
        [`dhcp net${n}`, '&&'],
        ['chain --replace http://10.99.0.2:8080/infrakit.ipxe', '||'],
      ],
    );
  }
});

test('where nothing answers it says so, pauses, and starts over; it never ends by itself', () => {
  for (const { commands } of lines) {
    const name = commands[0]?.argv[0];
    if (!name || ['echo', 'goto'].includes(name)) continue;
    assert.equal(commands.at(-1)!.end, '||', `${name} may fail`);
  }
  assert.deepEqual(lines.at(-1)!.commands[0]!.argv, ['goto', 'start']);
  assert.ok(lines.some(({ label }) => label === 'start'));
  assert.ok(lines.some(({ commands }) => commands[0]?.argv[0] === 'sleep'));
  assert.match(text, /^echo http:\/\/10\.99\.0\.2:8080\/infrakit\.ipxe$/m);
});

test('it never asks for itself, nor starts what the network’s DHCP server names', () => {
  for (const { commands } of lines) {
    for (const { argv } of commands) assert.doesNotMatch(argv.join(' '), /autoexec|autoboot|filename/);
  }
});

test('it carries the mark of a generated file', () => assert.ok(isUnedited(text)));
