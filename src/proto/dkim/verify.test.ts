import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseHeaders } from '../mime/headers.ts';
import { BodyHash } from './body-hash.ts';
import { relaxedField } from './header-canonicalization.ts';
import { keyOf, readKeyRecord } from './key-record.ts';
import { DkimSigner } from './sign.ts';
import { signedField } from './signature-field.ts';
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

const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const now = 1_790_000_000;

interface Odd {
  /** Beside or instead of the usual ones; `''` leaves one out. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly key?: KeyObject;
  /** Octets that are signed. */
  readonly length?: number;
}

/** A message with a signature that is good but for what the test wants of it. */
async function signedOddly(body: string, { tags = {}, key = rsa, length }: Odd): Promise<Buffer> {
  const from = 'a@here.test';
  const hash = new BodyHash({ canonicalization: 'relaxed', hash: 'sha256', length });
  hash.write(Buffer.from(body));
  const usual = { v: '1', a: 'rsa-sha256', c: 'relaxed/relaxed', d: 'here.test', s: 's', h: 'from' };
  const all = { ...usual, bh: hash.digest(), ...tags };
  const field = await signedField({
    name: 'DKIM-Signature',
    tags: [...Object.entries(all).filter(([, value]) => value !== ''), ['b', '']],
    signed: `${relaxedField('From', from)}\r\n`,
    key: signingKey('here.test', 's', key),
  });
  return Buffer.from(`${field}From: ${from}\r\n\r\n${body}`);
}

async function told(message: Buffer, record = keyRecordText(rsa)): Promise<string> {
  const [result] = await verify(message, record);
  return result!.why === '' ? result!.result : `${result!.result}: ${result!.why}`;
}

const oddly = async (tags: Readonly<Record<string, string>>, record?: string): Promise<string> =>
  told(await signedOddly('text\r\n', { tags }), record);

test('text behind what l= covers is against policy; l= of more than there is makes no signature', async () => {
  const body = 'text\r\n';
  const exact = await signedOddly(body, { tags: { l: '6' }, length: 6 });
  assert.equal(await told(exact), 'pass');
  assert.equal(
    await told(Buffer.concat([exact, Buffer.from('<b>pay</b>\r\n')])),
    'policy: 12 octets of the body are not signed',
  );
  assert.equal(
    await told(await signedOddly(body, { tags: { l: '0' }, length: 0 })),
    'policy: 6 octets of the body are not signed',
  );
  assert.equal(
    await told(await signedOddly(body, { tags: { l: '7' } })),
    'permerror: l= is more than there is',
  );
  assert.equal(await oddly({ l: '-1' }), 'permerror: l= is not a number');
});

test('a signature holds up to its x= and no longer', async () => {
  assert.equal(await oddly({ x: String(now) }), 'pass');
  assert.equal(await oddly({ x: String(now - 1) }), 'fail: the signature has expired');
  assert.equal(await oddly({ t: String(now), x: String(now) }), 'permerror: x= is not after t=');
  assert.equal(await oddly({ x: 'tomorrow' }), 'permerror: x= is not a time');
});

test('what is no signature is refused before any key is looked for', async () => {
  for (const [tags, why] of [
    [{ v: '2' }, 'unknown version'],
    [{ v: '' }, 'no version'],
    [{ a: 'rsa-sha1' }, 'rsa-sha1 is no longer accepted'],
    [{ h: 'to:subject' }, 'From is not signed'],
    [{ i: '@there.test' }, 'i= is not within d='],
    [{ i: '@nothere.test' }, 'i= is not within d='],
    [{ d: 'test' }, 'd= is not a domain'],
    [{ q: 'dns/other' }, 'unknown query method'],
    [{ c: 'nowsp/simple' }, 'unknown canonicalization'],
    [{ bh: '' }, 'no bh= tag'],
  ] as const)
    assert.equal(await oddly(tags), `permerror: ${why}`);
});

test('the key decides too: revoked, of another kind or purpose, strict about subdomains', async () => {
  const record = keyRecordText(rsa);
  assert.equal(await oddly({ i: 'x@mail.here.test' }), 'pass');
  assert.equal(
    await oddly({ i: 'x@mail.here.test' }, `${record}; t=s`),
    'permerror: the key does not allow a subdomain in i=',
  );
  assert.equal(await oddly({}, 'v=DKIM1; p='), 'permerror: the key is revoked');
  assert.equal(await oddly({}, `${record}; h=sha1`), 'permerror: the key is not for SHA-256');
  assert.equal(await oddly({}, `${record}; s=other`), 'permerror: the key is not for mail');
  const ed25519 = generateKeyPairSync('ed25519').privateKey;
  assert.equal(await oddly({}, keyRecordText(ed25519)), 'permerror: the key is of another kind');
  assert.deepEqual(keyOf({ is: 'records', records: [record, record] }), {
    why: 'several keys',
    temporary: false,
  });
  assert.deepEqual(keyOf({ is: 'failure', reason: 'timeout' }), {
    why: 'DNS did not answer',
    temporary: true,
  });
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
