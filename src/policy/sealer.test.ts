import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { TestClock } from '../base/test-clock.ts';
import { ArcVerifier, type ArcResult } from '../proto/arc/verify.ts';
import { keyOf } from '../proto/dkim/key-record.ts';
import { keyRecordText, signingKey } from '../proto/dkim/signing-key.ts';
import { parseHeaders } from '../proto/mime/headers.ts';
import { Sealer } from './sealer.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ed25519 = generateKeyPairSync('ed25519').privateKey;

function sealerOf(authservId: string, { seen = true } = {}): Sealer {
  return new Sealer({
    clock: new TestClock(),
    log: silentLog,
    metrics: noMetrics,
    authservId,
    keysFor: async (domain) => [
      { ...signingKey(domain, 'e1', ed25519), seen: true },
      { ...signingKey(domain, 'r1', rsa), seen },
    ],
  });
}

/** The message as a forwarder sends it on, who examined it. */
async function sentOn(message: string, domain: string, sealer = sealerOf(`mx.${domain}`)): Promise<string> {
  const bytes = Buffer.from(message);
  const block = parseHeaders(bytes);
  const sealing = await sealer.for(bytes.subarray(0, block.end), domain);
  if (sealing === undefined) return message;
  sealing.body(bytes.subarray(block.bodyStart));
  return (await sealing.finish()).toString() + message;
}

async function chainOf(message: string): Promise<ArcResult> {
  const bytes = Buffer.from(message);
  const block = parseHeaders(bytes);
  const verifier = new ArcVerifier(bytes.subarray(0, block.end), block);
  verifier.body(bytes.subarray(block.bodyStart));
  return verifier.finish({
    nowSeconds: new TestClock().nowMs() / 1000,
    keyOf: async () => keyOf({ is: 'records', records: [keyRecordText(rsa)] }),
  });
}

const results = (host: string, arc: string): string =>
  `Authentication-Results: ${host};\r\n\tspf=pass smtp.mailfrom=bob@there.test;\r\n\tdmarc=pass header.from=there.test; arc=${arc}\r\n`;
const plain = 'Received: from there\r\nFrom: bob@there.test\r\nSubject: Grüße\r\n\r\nHello\r\n';

test('what our MX found is sealed with the RSA key of the domain, and a second forwarder goes on with the chain', async () => {
  const once = await sentOn(results('mx.here.test', 'none') + plain, 'here.test');
  const first = await chainOf(once);
  assert.deepEqual([first.result, first.why], ['pass', '']);
  const [set] = first.sets;
  assert.deepEqual([set!.seal.domain, set!.seal.selector, set!.seal.cv], ['here.test', 'r1', 'none']);
  assert.match(set!.results, /^mx\.here\.test;\s+spf=pass smtp\.mailfrom=bob@there\.test;\s+dmarc=pass/);
  const twice = await sentOn(results('mx.next.test', 'pass') + once, 'next.test');
  const second = await chainOf(twice);
  assert.deepEqual(
    [second.result, ...second.sets.map(({ seal }) => `${seal.domain} ${seal.cv}`)],
    ['pass', 'here.test none', 'next.test pass'],
  );
});

test('a chain that was broken when it came is sealed as broken', async () => {
  const once = await sentOn(results('mx.here.test', 'none') + plain, 'here.test');
  const changed = once.replace('Hello', 'Good-bye');
  const twice = await sentOn(results('mx.next.test', 'fail') + changed, 'next.test');
  const chain = await chainOf(twice);
  assert.equal(chain.result, 'fail');
  assert.equal(chain.sets.at(-1)!.seal.cv, 'fail');
});

test('only what stands on top in our own name is taken for what we found', async () => {
  for (const message of [
    plain,
    results('mx.evil.test', 'none') + plain,
    plain.replace('From:', `${results('mx.here.test', 'none')}From:`),
    // DNS did not answer for the chain: it is neither whole nor broken.
    results('mx.here.test', 'temperror') + plain,
  ])
    assert.equal(await sentOn(message, 'here.test'), message);
});

test('a key whose record was not seen in DNS seals nothing', async () => {
  const message = results('mx.here.test', 'none') + plain;
  assert.equal(await sentOn(message, 'here.test', sealerOf('mx.here.test', { seen: false })), message);
});

test('results in UTF-8 are sealed octet for octet', async () => {
  const message = results('mx.here.test', 'none').replace('bob@', 'борис@') + plain;
  const sealed = await sentOn(message, 'here.test');
  assert.deepEqual((await chainOf(sealed)).result, 'pass');
  assert.match(sealed, /^ARC-Seal: [^]*ARC-Authentication-Results: [^]*борис@there\.test/);
});
