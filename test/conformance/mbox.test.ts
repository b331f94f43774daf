/** Files in mbox format as other programs wrote them: how many messages, where they lie, what they hold. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fieldText, findField, parseHeaders } from '../../src/proto/mime/headers.ts';
import { MboxSource } from '../../src/moving/mbox-source.ts';
import { conformanceFolder, skipWithout } from '../conformance.ts';

interface Found {
  readonly start: number;
  readonly text: Buffer;
}

async function messagesOf(file: string): Promise<Found[]> {
  await using source = new MboxSource({ file, mailbox: 'Box', format: 'auto' });
  const [mailbox] = await source.mailboxes();
  const told = [];
  for await (const message of source.messages(mailbox!)) told.push(message);
  const found: Found[] = [];
  for await (const read of source.read(mailbox!, told)) {
    assert(read.is === 'bytes');
    const start = Number(/at octet (\d+)$/.exec(told[found.length]!.label)![1]);
    found.push({
      start,
      text: Buffer.from(read.bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
    });
  }
  return found;
}

function subject({ text }: Found): string | undefined {
  const field = findField(parseHeaders(text), 'subject');
  return field && fieldText(text, field).trim();
}

test('mbox: messages begin where the other reader finds them', skipWithout('mbox'), async () => {
  const folder = join(conformanceFolder('mbox')!, 'mimekit');
  const offsets = JSON.parse(readFileSync(join(folder, 'content-length.unix-offsets.json'), 'utf8')) as {
    beginOffset: number;
  }[];
  const found = await messagesOf(join(folder, 'content-length.mbox.txt'));
  assert.deepEqual(
    found.map(({ start }) => start),
    offsets.map(({ beginOffset }) => beginOffset),
  );
});

test('mbox: lines of a text are no beginnings, though they look like it', skipWithout('mbox'), async () => {
  const folder = join(conformanceFolder('mbox')!, 'mimekit');
  const unmunged = await messagesOf(join(folder, 'unmunged.mbox.txt'));
  assert.deepEqual(unmunged.map(subject), [
    'This is a test message with an unmunged From line',
    'Another test message with an unmunged From line',
  ]);
  assert(unmunged.every(({ text }) => text.includes('\nFrom Russia with love\n')));
  assert.equal((await messagesOf(join(folder, 'simple.mbox.txt'))).length, 3);
});

test('mbox: the messages are those that lie beside the file', skipWithout('mbox'), async () => {
  const folder = join(conformanceFolder('mbox')!, 'mime4j', 'test-1');
  const found = await messagesOf(join(folder, 'mbox.rlug'));
  for (const [i, { text }] of found.entries()) {
    const beside = readFileSync(join(folder, `mbox.rlug-${i}`), 'latin1').replaceAll('\r\n', '\n');
    // The files beside have the empty line that stands in front of the next message.
    assert.equal(text.toString('latin1').trimEnd(), withoutState(beside).trimEnd(), `message ${i}`);
  }
  assert.equal(found.length, 5);
});

/** What mailers write of the state of a message is taken out of its header. */
function withoutState(text: string): string {
  const end = text.indexOf('\n\n');
  return (
    text
      .slice(0, end)
      .replace(/^(?:Status|X-Status|X-Keywords|X-UID):.*\n?/gm, '')
      .trimEnd() + text.slice(end)
  );
}
