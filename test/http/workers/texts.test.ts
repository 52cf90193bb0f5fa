import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Served } from '../../../src/http/generated-files.ts';
import { HeardTexts } from '../../../src/http/workers/heard-texts.ts';
import { newCells, type Texts } from '../../../src/http/workers/messages.ts';
import { TextBoard } from '../../../src/http/workers/text-board.ts';

const servedText = (text: string): Served => {
  const file = { text, made: 'generated' } as const;
  return { 'infrakit.ipxe': file, 'autoexec.ipxe': file, 'grub/grub.cfg': file };
};

/** A board and one thread that hears of it, with the messages between them in the test's hands. */
function pair() {
  const cells = newCells();
  const generated = {
    latest: undefined as Served | undefined,
    problems: [],
    names: [],
    current: async () => generated.latest ?? servedText('looked at just now'),
  };
  const sent: Texts[] = [];
  const board = new TextBoard(generated, cells, (texts) => sent.push(texts));
  let asked = 0;
  const heard = new HeardTexts(cells, () => asked++);
  return {
    heard,
    board,
    sent,
    asked: () => asked,
    look(text: string) {
      generated.latest = servedText(text);
      board.looked(generated.latest);
    },
    change() {
      generated.latest = undefined;
      board.changed();
    },
    textOf: (served: Served | undefined) => served?.['infrakit.ipxe'].text,
  };
}

test('what was heard is served until it may have changed, and from then on only on asking', async () => {
  const { heard, board, sent, look, change, asked, textOf } = pair();
  look('a');
  assert.equal(heard.latest, undefined);
  heard.hear(sent[0]!, false);
  assert.equal(textOf(heard.latest), 'a');
  change();
  assert.equal(heard.latest, undefined);
  const answers = [heard.current(), heard.current()];
  assert.equal(asked(), 1);
  heard.hear(await board.current(), true);
  for (const answer of answers) assert.equal(textOf(await answer), 'looked at just now');
});

test('texts that are on their way to a thread when the main one has newer ones are not served any more', () => {
  const { heard, sent, look, textOf } = pair();
  look('a');
  look('b');
  heard.hear(sent[0]!, false);
  assert.equal(heard.latest, undefined);
  heard.hear(sent[1]!, false);
  assert.equal(textOf(heard.latest), 'b');
});

test('an answer that others have overtaken is asked for again', async () => {
  const { heard, sent, look, change, asked, textOf } = pair();
  look('a');
  const answer = heard.current();
  look('b');
  change();
  heard.hear(sent[0]!, true);
  await new Promise(setImmediate);
  assert.equal(asked(), 2);
  heard.hear(sent[1]!, true);
  assert.equal(textOf(await answer), 'b');
});

test('a look that finds nothing new is told to nobody, and what was heard is the same object', () => {
  const { heard, sent, look, change } = pair();
  look('a');
  heard.hear(sent[0]!, false);
  const { latest } = heard;
  change();
  look('a');
  assert.equal(sent.length, 1);
  assert.equal(heard.latest, latest);
});
