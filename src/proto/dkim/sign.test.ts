import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseHeaders } from '../mime/headers.ts';
import { canonicalField, relaxedField, selectFields } from './header-canonicalization.ts';
import { readKeyRecord } from './key-record.ts';
import { DkimSigner, signedNames } from './sign.ts';
import { keyRecordText, signingKey } from './signing-key.ts';
import { DkimVerifier, type DkimResult } from './verify.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const keys = [signingKey('here.test', 'r1', rsa), signingKey('here.test', 'e1', ed25519)];
const records: Readonly<Record<string, KeyObject>> = { r1: rsa, e1: ed25519 };

async function signedMessage(message: Buffer): Promise<Buffer> {
  const block = parseHeaders(message);
  const signer = new DkimSigner(message.subarray(0, block.end), block, { keys, nowSeconds: 1_790_000_000 });
  signer.body(message.subarray(block.bodyStart));
  return Buffer.concat([Buffer.from(await signer.finish()), message]);
}

async function verified(message: Buffer): Promise<DkimResult[]> {
  const block = parseHeaders(message);
  const verifier = new DkimVerifier(message.subarray(0, block.end), block);
  verifier.body(message.subarray(block.bodyStart));
  return verifier.finish({
    nowSeconds: 1_790_000_100,
    keyOf: async (selector) => readKeyRecord(keyRecordText(records[selector]!)),
  });
}

const resultsOf = async (message: Buffer): Promise<string[]> =>
  (await verified(message)).map(({ result }) => result);

const plain = Buffer.from(
  'From: Yuki <yuki@here.test>\r\nTo: bob@there.test\r\nSubject: hello\r\n\tand more\r\nDate: Sun, 22 Nov 2026 04:15:05 +0000\r\n' +
    'Message-ID: <1@here.test>\r\nList-Unsubscribe: <https://here.test/u>\r\n\r\nHello  there \r\n\r\n\r\n',
);

test('an RSA and an Ed25519 signature, and both hold', async () => {
  const message = await signedMessage(plain);
  const results = await verified(message);
  assert.deepEqual(
    results.map(({ result, algorithm, domain, selector, keyBits }) => ({
      result,
      algorithm,
      domain,
      selector,
      keyBits,
    })),
    [
      { result: 'pass', algorithm: 'rsa-sha256', domain: 'here.test', selector: 'r1', keyBits: 2048 },
      { result: 'pass', algorithm: 'ed25519-sha256', domain: 'here.test', selector: 'e1', keyBits: 256 },
    ],
  );
});

test('the lines of a signature are short enough for any server', async () => {
  const many = 'List-Id: <a.here.test>\r\nList-Post: <mailto:a@here.test>\r\nSender: a@here.test\r\n'.repeat(
    20,
  );
  const message = (await signedMessage(Buffer.from(many + plain.toString()))).toString();
  for (const line of message.split('\r\n')) assert.ok(line.length <= 90, line);
});

test('a field that says what a message is cannot be added, one that lists add can', async () => {
  const message = (await signedMessage(plain)).toString();
  for (const field of [
    'From: eve@there.test',
    'Subject: pay',
    'Reply-To: eve@there.test',
    'Content-Type: text/html',
    'Cc: x@y.test',
  ]) {
    assert.deepEqual(await resultsOf(Buffer.from(`${field}\r\n${message}`)), ['fail', 'fail'], field);
  }
  for (const field of [
    'Received: from x',
    'List-Help: <mailto:help@there.test>',
    'Sender: list@there.test',
  ]) {
    assert.deepEqual(await resultsOf(Buffer.from(`${field}\r\n${message}`)), ['pass', 'pass'], field);
  }
  assert.deepEqual(await resultsOf(Buffer.from(message.replace('/u>', '/v>'))), ['fail', 'fail']);
  assert.deepEqual(await resultsOf(Buffer.from(`${message}more\r\n`)), ['fail', 'fail']);
});

test('odd folding, long tags, 8-bit text and blanks hold after a relaxed journey', async () => {
  const part = fc.constantFrom(
    'word',
    ' ',
    '\t',
    '\r\n ',
    '\r\n\t',
    'é',
    'あ',
    ':',
    ';',
    '=',
    '  ',
    'x'.repeat(200),
    '"',
    '\\',
  );
  const value = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''));
  const name = fc.constantFrom('Subject', 'TO', 'cc', 'List-Id', 'X-Other', 'Content-Type', 'References');
  const header = fc.array(fc.tuple(name, value), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(header, value, async (fields, body) => {
      const text = fields.map(([n, v]) => `${n}:${v.replace(/(\r\n[ \t]+)+$/, '')}\r\n`).join('');
      const message = await signedMessage(Buffer.from(`From: a@here.test\r\n${text}\r\n${body}`));
      assert.deepEqual(await resultsOf(message), ['pass', 'pass']);
    }),
    { numRuns: 60 },
  );
});

test('names are signed as often as they stand, and once more', () => {
  const block = parseHeaders(Buffer.from('From: a@b\r\nReceived: x\r\nList-Id: y\r\nSubject: z\r\n\r\n'));
  const names = signedNames(block);
  const count = (name: string): number => names.filter((one) => one === name).length;
  assert.deepEqual(
    [count('from'), count('subject'), count('to'), count('list-id'), count('received')],
    [2, 2, 1, 1, 0],
  );
});

/** RFC 8463, A.2 and A.3. */
test('the Ed25519 example of RFC 8463 comes out octet for octet', async () => {
  const seed = Buffer.from('nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=', 'base64');
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  assert.equal(keyRecordText(key), 'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=');
  const header = Buffer.from(
    'From: Joe SixPack <joe@football.example.com>\r\nTo: Suzie Q <suzie@shopping.example.net>\r\nSubject: Is dinner ready?\r\n' +
      'Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\nMessage-ID: <20030712040037.46341.5F8J@football.example.com>\r\n',
  );
  const names = 'from to subject date message-id from subject date'.split(' ');
  const signed = selectFields(parseHeaders(header).fields, names)
    .map((field) => canonicalField(header, field, 'relaxed'))
    .join('');
  const own =
    'v=1; a=ed25519-sha256; c=relaxed/relaxed; d=football.example.com; i=@football.example.com; q=dns/txt; s=brisbane; t=1528637909; ' +
    'h=from : to : subject : date : message-id : from : subject : date; bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; b=';
  const signature = await signingKey('football.example.com', 'brisbane', key).sign(
    Buffer.from(signed + relaxedField('DKIM-Signature', own)),
  );
  assert.equal(
    signature.toString('base64'),
    '/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==',
  );
});
