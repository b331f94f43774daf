import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { prepareChunks, prepareEmail, referencesMax } from './email-facts.ts';
import { decodeDetails } from './stored-details.ts';

const bytesOf = (text: string): Buffer => Buffer.from(text.replaceAll('\n', '\r\n'));
const idsOf = (text: string): readonly number[] => prepareEmail(bytesOf(`${text}\n\nx\n`)).references;

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('envelope, structure, preview and dates of a message', () => {
  const facts = prepareEmail(
    bytesOf('From: a@x.test\nSubject: Re: Hi\nDate: Mon, 1 Jun 2026 23:00:00 -0500\n\nHello there\n'),
  );
  const details = decodeDetails(facts.details);
  assert.equal(details.index.envelope.subject, 'Re: Hi');
  assert.equal(details.preview, 'Hello there');
  assert.equal(details.sentZoneMinutes, -300);
  assert.equal(facts.sentAtMs, Date.UTC(2026, 5, 2, 4));
  assert.equal(facts.subject, prepareEmail(bytesOf('Subject: =?utf-8?q?HI?=\n\n')).subject);
  assert.notEqual(facts.subject, prepareEmail(bytesOf('Subject: Ho\n\n')).subject);
});

test('references: own id first, then the first and the last of those referred to, each once', () => {
  const [own, a, b] = idsOf('Message-ID: <own@x>\nReferences: <a@x> <b@x>\nIn-Reply-To: <b@x>');
  assert.deepEqual(idsOf('Message-ID: <own@x>\nIn-Reply-To: <b@x>'), [own, b]);
  assert.deepEqual(idsOf('In-Reply-To: <a@x>\nReferences: <a@x>'), [a]);
  const many = Array.from({ length: 90 }, (_, i) => `<${i}@x>`).join(' ');
  const kept = idsOf(`Message-ID: <own@x>\nReferences: ${many}`);
  assert.equal(kept.length, referencesMax);
  assert.equal(kept[1], idsOf('References: <0@x>')[0]);
  assert.equal(kept.at(-1), idsOf('References: <89@x>')[0]);
});

test('any bytes are a message, and all hashes are safe integers', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const facts = prepareEmail(bytes);
      assert.equal(facts.sizeBytes, bytes.length);
      assert.ok(
        [...facts.references, facts.subject].every((each) => Number.isSafeInteger(each) && each < 2 ** 52),
      );
    }),
  );
});

const filler = fc
  .tuple(
    fc.constantFrom('text of a line', '', 'QUJDREVGR0g=', '-- ', '--b', '--', '-', 'x'.repeat(1500)),
    fc.nat(60),
  )
  .map(([line, count]) => `${line}\n`.repeat(count));
const body = fc.array(filler, { maxLength: 4 }).map((parts) => parts.join(''));
const leaf = fc
  .tuple(fc.constantFrom('text/plain', 'text/html', 'application/octet-stream', 'message/rfc822'), body)
  .map(
    ([type, text]) =>
      `Content-Type: ${type}\n\n${type === 'message/rfc822' ? 'Subject: inner\n\n' : ''}${text}`,
  );
const mail = fc.oneof(
  leaf.map((text) => `Subject: one\n${text}`),
  fc
    .array(leaf, { minLength: 1, maxLength: 4 })
    .map(
      (parts) =>
        `Subject: many\nContent-Type: multipart/mixed; boundary=bound\n\npreamble\n--bound\n${parts.join('\n--bound\n')}\n--bound--\nepilogue\n`,
    ),
);

test('a message that is indexed in pieces has the same structure as the whole', async () => {
  let squeezed = 0;
  await fc.assert(
    fc.asyncProperty(
      mail,
      fc.integer({ min: 1, max: 3000 }),
      fc.integer({ min: 80, max: 500 }),
      async (text, size, kept) => {
        const bytes = bytesOf(text);
        const inPieces = await prepareChunks(cut(bytes, size), kept);
        if (inPieces === undefined) return;
        squeezed += 1;
        const expected = prepareEmail(bytes);
        assert.deepEqual(decodeDetails(inPieces.details).index, decodeDetails(expected.details).index);
        assert.deepEqual(
          [inPieces.references, inPieces.sizeBytes],
          [expected.references, expected.sizeBytes],
        );
      },
    ),
    { numRuns: 300 },
  );
  assert.ok(squeezed > 100, `${squeezed} were squeezed`);
});

test('a large message is indexed in little memory', async () => {
  const line = Buffer.from(`${'QUJD'.repeat(18)}\r\n`.repeat(800));
  const head = bytesOf(
    'Subject: big\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nsee the file\n--b\nContent-Type: application/zip\nContent-Transfer-Encoding: base64\n\n',
  );
  async function* large(): AsyncGenerator<Uint8Array> {
    yield head;
    for (let i = 0; i < 900; i++) yield line;
    yield Buffer.from('--b--\r\n');
  }
  const facts = (await prepareChunks(large(), 128 * 1024))!;
  const { index, preview } = decodeDetails(facts.details);
  assert.equal(preview, 'see the file');
  assert.equal(facts.sizeBytes, head.length + 900 * line.length + 7);
  const [, zip] = index.root.parts!;
  assert.equal(zip!.bodyEnd - zip!.bodyStart, 900 * line.length - 2);
});
