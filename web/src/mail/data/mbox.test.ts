import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messagesOfMbox } from './mbox.ts';

const file = [
  'From alice@here.test Mon Mar  2 09:30:00 2026',
  'Subject: one',
  '',
  'Text,',
  'From here on too, for no empty line is in front',
  '',
  '>From quoted',
  '>>From twice',
  '',
  'From bob@there.test Mon Mar  2 09:31:00 2026',
  'Subject: two',
  '',
  '見積',
  '',
].join('\n');

async function cut(pieces: readonly Uint8Array<ArrayBuffer>[]): Promise<readonly string[]> {
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  const texts: string[] = [];
  for await (const blob of messagesOfMbox(stream)) texts.push(await blob.text());
  return texts;
}

test('an mbox is cut into its messages, at whatever bytes it comes in pieces', async () => {
  const bytes = new TextEncoder().encode(file);
  const wanted = [
    'Subject: one\n\nText,\nFrom here on too, for no empty line is in front\n\nFrom quoted\n>From twice\n',
    'Subject: two\n\n見積\n',
  ];
  for (let at = 0; at <= bytes.length; at++)
    assert.deepEqual(
      await cut([bytes.slice(0, at), bytes.slice(at)].filter(({ length }) => length > 0)),
      wanted,
    );
});

test('an empty file has no messages', async () => assert.deepEqual(await cut([]), []));
