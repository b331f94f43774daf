import assert from 'node:assert/strict';
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { test } from 'node:test';
import { TestReceiver } from './decrypt-testing.ts';
import { arePushKeys, encryptPush, plainMaxBytes } from './encrypt.ts';
import { applicationServerKey, newVapidKey, vapidAuthorization } from './vapid.ts';

test('what is encrypted, the receiver alone reads; the longest fits into what services take', () => {
  const receiver = new TestReceiver();
  for (const text of ['', '{"a":"日本"}', 'x'.repeat(plainMaxBytes)]) {
    const sealed = encryptPush(Buffer.from(text), receiver.keys, randomBytes(16));
    assert.equal(receiver.decrypt(sealed), text);
    assert.ok(sealed.length <= 4096);
    assert.throws(() => new TestReceiver().decrypt(sealed));
  }
});

test('keys that are none are told', () => {
  const { keys } = new TestReceiver();
  assert.ok(arePushKeys(keys));
  assert.ok(!arePushKeys({ ...keys, auth: 'AAAA' }));
  assert.ok(!arePushKeys({ ...keys, p256dh: keys.auth }));
  assert.ok(
    !arePushKeys({
      ...keys,
      p256dh: Buffer.concat([Buffer.of(4), Buffer.alloc(64, 1)]).toString('base64url'),
    }),
  );
  assert.ok(!arePushKeys({ ...keys, p256dh: '!' }));
});

test('the proof of who sends is signed with the key that clients are told of, for the one service, for less than a day', () => {
  const privatePem = newVapidKey();
  const field = vapidAuthorization({
    privatePem,
    origin: 'https://push.example:8443',
    subject: 'mailto:postmaster@here.test',
    nowMs: 1_800_000_000_000,
  });
  const [, token = '', key] = /^vapid t=([^,]+), k=(.+)$/.exec(field) ?? [];
  assert.equal(key, applicationServerKey(privatePem));
  const [head = '', claims = '', signature = ''] = token.split('.');
  assert.deepEqual(JSON.parse(Buffer.from(claims, 'base64url').toString()), {
    aud: 'https://push.example:8443',
    exp: 1_800_000_000 + 43_200,
    sub: 'mailto:postmaster@here.test',
  });
  const sound = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key: createPublicKey(privatePem), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  assert.ok(sound);
});
