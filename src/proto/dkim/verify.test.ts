import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseHeaders } from '../mime/headers.ts';
import { keyOf, readKeyRecord } from './key-record.ts';
import { DkimSigner } from './sign.ts';
import { keyRecordText, signingKey } from './signing-key.ts';
import { parseTagList } from './tag-list.ts';
import { DkimVerifier, type DkimResult } from './verify.ts';

async function verify(message: Buffer, record: string): Promise<DkimResult[]> {
  const block = parseHeaders(message);
  const verifier = new DkimVerifier(message.subarray(0, block.end), block);
  verifier.body(message.subarray(block.bodyStart));
  return verifier.finish({ nowSeconds: 1_790_000_000, keyOf: async () => readKeyRecord(record) });
}

test('a key of less than 1024 bits is against policy, however well it signs', async () => {
  const key = generateKeyPairSync('rsa', { modulusLength: 768 }).privateKey;
  const header = Buffer.from('From: a@here.test\r\n');
  const signer = new DkimSigner(header, parseHeaders(header), {
    keys: [signingKey('here.test', 's', key)],
    nowSeconds: 1_790_000_000,
  });
  signer.body(Buffer.from('text\r\n'));
  const message = Buffer.from(`${await signer.finish()}${header.toString()}\r\ntext\r\n`);
  const [result] = await verify(message, keyRecordText(key));
  assert.equal(result!.result, 'policy');
  assert.equal(result!.keyBits, 768);
});

test('more signatures than we verify are told of, far more are not', async () => {
  const field = 'DKIM-Signature: v=1; a=rsa-sha256; d=x.test; s=s; h=from; bh=AAAA; b=AAAA\r\n';
  const results = await verify(Buffer.from(`${field.repeat(5000)}From: a@x.test\r\n\r\ntext`), '');
  assert.equal(results.length, 20);
  assert.deepEqual(
    [results[9]!.result, results[10]!.result, results[10]!.why],
    ['fail', 'neutral', 'more than 10 signatures'],
  );
});

test('a tag twice, or none where there must be one, makes no tag list', () => {
  assert.equal(parseTagList('a=1; a=2'), undefined);
  assert.equal(parseTagList('a=1;; b=2'), undefined);
  assert.equal(parseTagList('a'), undefined);
  assert.equal(parseTagList('1a=x'), undefined);
  assert.deepEqual(
    [...parseTagList(' v = 1 ; h = from : to ;\r\n')!],
    [
      ['v', '1'],
      ['h', 'from : to'],
    ],
  );
});

test('whatever stands in a signature or a key record, there is a result and no exception', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 200 });
  const tagged = fc
    .array(
      fc.tuple(
        fc.constantFrom('v', 'a', 'b', 'bh', 'd', 's', 'h', 'c', 'i', 'l', 't', 'x', 'q', 'p', 'k'),
        text,
      ),
      { maxLength: 12 },
    )
    .map((tags) => tags.map(([name, value]) => `${name}=${value}`).join(';'));
  await fc.assert(
    fc.asyncProperty(fc.oneof(text, tagged), fc.oneof(text, tagged), async (signature, record) => {
      const message = Buffer.from(
        `DKIM-Signature:${signature.replace(/[\r\n]/g, ' ')}\r\nFrom: a@x.test\r\n\r\ntext`,
      );
      const [result] = await verify(message, record);
      assert.notEqual(result!.result, 'pass');
      keyOf({ is: 'records', records: [record] });
    }),
  );
});

test('a very long tag value takes no time and no stack', () => {
  for (const value of ['a '.repeat(500_000), 'x'.repeat(1_000_000), ' '.repeat(1_000_000)]) {
    parseTagList(`v=1; n=${value}`);
    readKeyRecord(`v=DKIM1; n=${value}; p=AAAA`);
  }
});
