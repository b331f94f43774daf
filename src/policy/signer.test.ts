import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { silentLog, type Log } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { TestClock } from '../base/test-clock.ts';
import { keyName, keyOf } from '../proto/dkim/key-record.ts';
import { keyRecordText } from '../proto/dkim/signing-key.ts';
import { DkimVerifier, type DkimResult } from '../proto/dkim/verify.ts';
import { parseHeaders } from '../proto/mime/headers.ts';
import { Signer, type KeptKey } from './signer.ts';

const pem = { format: 'pem', type: 'pkcs8' } as const;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(pem);
const ed25519 = generateKeyPairSync('ed25519').privateKey.export(pem);
const kept = (domain: string, selector: string, key = rsa): KeptKey => ({
  domain,
  selector,
  kept: key,
  seen: true,
});

interface Given {
  readonly keys: readonly KeptKey[];
  readonly ours?: readonly string[];
  readonly clock?: TestClock;
  readonly log?: Log;
}

const signerOf = ({ keys, ours = [], clock = new TestClock(), log = silentLog }: Given): Signer =>
  new Signer({
    clock,
    log,
    metrics: noMetrics,
    keysOf: async (domain) => keys.filter((key) => key.domain === domain),
    isOurs: async (domain) => ours.includes(domain) || keys.some((key) => key.domain === domain),
    hasKeys: async () => keys.length > 0,
    open: (key) => createPrivateKey(key.kept),
  });

/** What a receiver makes of it who finds the records of these keys. */
async function verified(message: Buffer, keys: readonly KeptKey[]): Promise<readonly DkimResult[]> {
  const block = parseHeaders(message);
  const verifier = new DkimVerifier(message.subarray(0, block.end), block);
  verifier.body(message.subarray(block.bodyStart));
  return verifier.finish({
    nowSeconds: new TestClock().nowMs() / 1000,
    keyOf: async (selector, domain) => {
      const key = keys.find((one) => keyName(one.selector, one.domain) === keyName(selector, domain));
      const records = key === undefined ? [] : [keyRecordText(createPrivateKey(key.kept))];
      return keyOf({ is: 'records', records });
    },
  });
}

const mailFrom = (from: string): Buffer =>
  Buffer.from(`From: ${from}\r\nTo: bob@there.test\r\nSubject: x\r\n\r\nHello\r\n`);
const names = (message: Buffer): string[] => parseHeaders(message).fields.map(({ name }) => name);

test('mail of ours is signed with every key of its author’s domain, and each holds', async () => {
  const keys = [kept('here.test', 'r1'), kept('here.test', 'e1', ed25519)];
  const signed = await signerOf({ keys }).signed(mailFrom('Alice <alice@here.test>'));
  const results = await verified(signed, keys);
  assert.deepEqual(
    results.map(({ result, algorithm, selector }) => `${result} ${algorithm} ${selector}`),
    ['pass rsa-sha256 r1', 'pass ed25519-sha256 e1'],
  );
  // One that has all signatures already is left as it is.
  assert.equal(await signerOf({ keys }).signed(signed), signed);
});

test('a host of a domain is signed by the domain; one of another organisation never is', async () => {
  const keys = [kept('here.test', 'r1')];
  const signer = signerOf({ keys, ours: ['branch.here.test'] });
  const host = await signer.signed(mailFrom('MAILER-DAEMON@mx.here.test'));
  assert.deepEqual(
    (await verified(host, keys)).map(({ result, domain }) => `${result} ${domain}`),
    ['pass here.test'],
  );
  // Ours, but without keys of its own yet: what is above it may belong to somebody else.
  for (const from of ['x@branch.here.test', 'x@mx.branch.here.test', 'x@there.test', 'x@test']) {
    assert.deepEqual(names(await signer.signed(mailFrom(from))), ['from', 'to', 'subject'], from);
  }
});

test('there is no signing for authors who cannot be told, or are of several domains', async () => {
  const signer = signerOf({ keys: [kept('here.test', 'r1')] });
  const twice = 'a@here.test\r\nFrom: b@here.test';
  for (const from of ['a@here.test, b@there.test', twice, 'nobody', ''])
    assert.ok(!names(await signer.signed(mailFrom(from))).includes('dkim-signature'), from);
});

test('a key that cannot be opened is told of once, and its mail goes unsigned; the other key signs', async () => {
  const told: unknown[] = [];
  const log: Log = { ...silentLog, error: (facts) => void told.push(facts) };
  const keys = [kept('here.test', 'r1'), kept('here.test', 'e1', 'sealed by a lost master key')];
  const signer = signerOf({ keys, log });
  for (let i = 0; i < 2; i++) {
    const signed = await signer.signed(mailFrom('a@here.test'));
    assert.equal(names(signed).filter((name) => name === 'dkim-signature').length, 1);
  }
  assert.equal(told.length, 1);
});

test('without any keys nothing is read until it is time to look again', async () => {
  const clock = new TestClock();
  const signer = signerOf({ keys: [], clock });
  assert.equal(signer.active, true);
  assert.equal(await signer.for(Buffer.from('From: a@here.test\r\n')), undefined);
  assert.equal(signer.active, false);
  await clock.advance(1000);
  assert.equal(signer.active, true);
});
