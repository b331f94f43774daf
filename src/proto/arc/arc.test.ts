import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { keyOf, readKeyRecord } from '../dkim/key-record.ts';
import { keyRecordText, signingKey } from '../dkim/signing-key.ts';
import type { Keys } from '../dkim/verify.ts';
import { parseHeaders } from '../mime/headers.ts';
import { instancesMax, readChain } from './chain.ts';
import { ArcSealer } from './seal.ts';
import { ArcVerifier, type ArcResult } from './verify.ts';

const good = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const short = generateKeyPairSync('rsa', { modulusLength: 768 }).privateKey;
const keys: Readonly<Record<string, KeyObject>> = { good, ed25519, short };
const nowSeconds = 1_790_000_000;

const ours: Keys = { nowSeconds, keyOf: async (selector) => readKeyRecord(keyRecordText(keys[selector]!)) };

async function validate(text: string, asking: Keys = ours): Promise<ArcResult> {
  const message = Buffer.from(text);
  const block = parseHeaders(message);
  const verifier = new ArcVerifier(message.subarray(0, block.end), block);
  verifier.body(message.subarray(block.bodyStart));
  return verifier.finish(asking);
}

/** The message as a forwarder sends it on. */
async function forwarded(
  text: string,
  selector = 'good',
  { names = ['from', 'subject'], chain }: { names?: readonly string[]; chain?: ArcResult } = {},
): Promise<string> {
  const message = Buffer.from(text);
  const block = parseHeaders(message);
  const key = signingKey('list.test', selector, keys[selector]!);
  const sealer = new ArcSealer(message.subarray(0, block.end), block, { key, nowSeconds, names });
  sealer.body(message.subarray(block.bodyStart));
  return (await sealer.finish('list.test; spf=pass', chain ?? (await validate(text)))) + text;
}

const told = async (text: string, asking?: Keys): Promise<string> => {
  const { result, why } = await validate(text, asking);
  return why === '' ? result : `${result}: ${why}`;
};

const plain = 'From: a@here.test\r\nSubject: hello\r\n\r\nText\r\n';
const once = await forwarded(plain);
const twice = await forwarded(once, 'ed25519');
const fieldOf = (text: string, name: string): string =>
  new RegExp(`^${name}:[^]*?\\r\\n(?![ \\t])`, 'm').exec(text)![0];

test('each forwarder adds a set, and the chain holds', async () => {
  assert.equal(await told(plain), 'none');
  assert.equal(await told(once), 'pass');
  assert.equal(await told(twice), 'pass');
  const { sets, instances } = await validate(await forwarded(twice));
  assert.equal(instances, 3);
  assert.deepEqual(
    sets.map(({ seal }) => seal.cv),
    ['none', 'pass', 'pass'],
  );
  assert.equal(sets[0]!.results, 'list.test; spf=pass');
});

test('what is changed on the way breaks it; the newest forwarder alone vouches for the message', async () => {
  assert.equal(await told(`${once}More\r\n`), 'fail: message signature 1: the body has been changed');
  assert.equal(
    await told(once.replace('hello', 'hallo')),
    'fail: message signature 1: the header has been changed',
  );
  const results = once.replace('spf=pass', 'spf=fail');
  assert.equal(await told(results), 'fail: seal 1: it does not hold');
  assert.equal(
    await told(await forwarded(`${once.replace('hello', '[list] hello')}Footer\r\n`)),
    'fail: had failed at list.test',
  );
  const changed = `${once.replace('hello', '[list] hello')}Footer\r\n`;
  const honest = await forwarded(changed, 'good', { chain: await validate(once) });
  assert.equal(await told(honest), 'pass');
});

test('a set that is not whole, or there twice, breaks the chain', async () => {
  for (const name of ['ARC-Seal', 'ARC-Message-Signature', 'ARC-Authentication-Results']) {
    const field = fieldOf(once, name);
    assert.equal(await told(once.replace(field, '')), 'fail: a set is not whole', name);
    assert.equal(await told(field + once), `fail: ${name.toLowerCase()} 1 stands twice`);
  }
  const gap = twice.replaceAll('i=2', 'i=3');
  assert.equal(await told(gap), 'fail: a set is not whole');
  for (const i of ['0', '51', '100', 'x', ''])
    assert.match(await told(once.replaceAll('i=1', `i=${i}`)), /^fail: arc-\S+ without an instance$/, i);
});

test('the first seal says none, later ones pass; a seal names no fields, a message signature no seals', async () => {
  assert.equal(await told(once.replace('cv=none', 'cv=pass')), 'fail: seal 1: wrong cv=');
  assert.equal(await told(twice.replace('cv=pass', 'cv=none')), 'fail: seal 2: wrong cv=');
  assert.equal(await told(once.replace('cv=none', 'cv=none; h=from')), 'fail: seal 1: it names fields');
  const covering = await forwarded(plain, 'good', { names: ['from', 'arc-seal'] });
  assert.equal(await told(covering), 'fail: message signature 1 covers seals');
});

test('a chain that failed is sealed once as such, and then left alone', async () => {
  const broken = once.replace('hello', 'hallo');
  const closed = await forwarded(broken);
  assert.match(closed, /^ARC-Seal: [^]*?cv=fail/);
  assert.equal(await told(closed), 'fail: had failed at list.test');
  assert.equal(await forwarded(closed), closed);
});

test('nothing is added to the longest chain, nor while DNS does not answer', async () => {
  const chain = await validate(once);
  assert.equal(await forwarded(once, 'good', { chain: { ...chain, instances: instancesMax } }), once);
  const down: Keys = { nowSeconds, keyOf: async () => keyOf({ is: 'failure', reason: 'timeout' }) };
  assert.equal(await told(once, down), 'temperror: message signature 1: DNS did not answer');
  assert.equal(await forwarded(once, 'good', { chain: await validate(once, down) }), once);
  const header = Buffer.from(twice);
  assert.equal((readChain(header, parseHeaders(header)) as readonly unknown[]).length, 2);
});

test('every seal must hold, by a key that is there, and neither too short nor too long', async () => {
  const weak = await forwarded(plain, 'short');
  assert.equal(await told(weak), 'fail: message signature 1: a key of 768 bits');
  const under = await forwarded(weak, 'good', {
    chain: { ...(await validate(once)), sets: (await validate(weak)).sets },
  });
  assert.equal(await told(under), 'fail: seal 1: a key of 768 bits');
  const as = (record: string): Keys => ({
    nowSeconds,
    keyOf: async (selector) => readKeyRecord(selector === 'good' ? record : keyRecordText(keys[selector]!)),
  });
  const modulus = randomBytes(9000 / 8);
  modulus[0]! |= 0x80;
  const long = Buffer.concat([
    Buffer.from('3082046f0282046600', 'hex'),
    modulus,
    Buffer.from('0203010001', 'hex'),
  ]);
  assert.equal(await told(twice, as(`p=${long.toString('base64')}`)), 'fail: seal 1: a key of 9000 bits');
  assert.equal(await told(twice, as('v=DKIM1; p=')), 'fail: seal 1: the key is revoked');
  assert.equal(await told(twice, as(keyRecordText(ed25519))), 'fail: seal 1: the key is of another kind');
  const other = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  assert.equal(await told(twice, as(keyRecordText(other))), 'fail: seal 1: it does not hold');
});
