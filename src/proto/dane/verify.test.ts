import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { testAuthority } from '../../net/testing-authority.ts';
import { partsOf } from './certificate-parts.ts';
import { printTlsa, shortTlsa, usableTlsa, type Tlsa } from './tlsa.ts';
import { verifyDane, type DaneVerdict } from './verify.ts';

const root = await testAuthority('Root');
const middle = await root.under('Middle');
const chainOf = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN[^]*?END CERTIFICATE-----/g) ?? []).map((one) => new X509Certificate(one));
const good = chainOf((await middle.issue({ names: ['mx.there.test', 'there.test'] })).chain);
const [leaf] = good as [X509Certificate, ...X509Certificate[]];

/** The record that `usage selector matchingType` makes of a certificate. */
function tlsa(usage: number, selector: number, matchingType: number, certificate: X509Certificate): Tlsa {
  const selected = selector === 0 ? certificate.raw : partsOf(certificate.raw).publicKey;
  const hash = [undefined, 'sha256', 'sha512'][matchingType];
  const data = hash === undefined ? Buffer.from(selected) : createHash(hash).update(selected).digest();
  return { usage, selector, matchingType, data };
}

const nowMs = Date.now();
function verdict(
  records: readonly Tlsa[],
  chain = [...good, root.x509],
  names = ['mx.there.test'],
): DaneVerdict<Tlsa> {
  return verifyDane({ records: usableTlsa(records), chain, names, nowMs });
}
const told = (one: DaneVerdict<Tlsa>): string => (one.is === 'matched' ? 'matched' : one.problem);
const combinations = [0, 1].flatMap((selector) => [0, 1, 2].map((type) => [selector, type] as const));

test('DANE-EE: each selector and matching type finds the certificate, and no other', async () => {
  const other = chainOf((await middle.issue({ names: ['mx.there.test'] })).chain)[0]!;
  for (const [selector, type] of combinations) {
    assert.equal(told(verdict([tlsa(3, selector, type, leaf)])), 'matched', `3 ${selector} ${type}`);
    assert.equal(
      told(verdict([tlsa(3, selector, type, other)])),
      'mismatch',
      `3 ${selector} ${type}, another`,
    );
  }
});

test('DANE-EE: neither the name nor the date of the certificate counts', async () => {
  const old = await root.issue({
    names: ['other.test'],
    notBefore: new Date(0),
    notAfter: new Date(nowMs - 1000),
  });
  const chain = chainOf(old.chain);
  assert.equal(told(verdict([tlsa(3, 1, 1, chain[0]!)], chain)), 'matched');
});

test('DANE-TA: each selector and matching type finds the root and the authority between', () => {
  for (const [selector, type] of combinations) {
    for (const anchor of [root.x509, middle.x509]) {
      assert.equal(told(verdict([tlsa(2, selector, type, anchor)])), 'matched', `2 ${selector} ${type}`);
    }
  }
});

test('DANE-TA: an anchor that the record holds whole need not be shown; one known by its digest must', () => {
  assert.equal(told(verdict([tlsa(2, 0, 0, root.x509)], good)), 'matched');
  assert.equal(told(verdict([tlsa(2, 1, 0, root.x509)], good)), 'matched');
  assert.equal(told(verdict([tlsa(2, 0, 1, root.x509)], good)), 'mismatch');
  assert.equal(told(verdict([tlsa(2, 1, 2, root.x509)], good)), 'mismatch');
});

test('DANE-TA: the certificate must name the server, be of its time, and be issued rightly', async () => {
  const record = [tlsa(2, 0, 1, root.x509)];
  assert.equal(told(verdict(record, [...good, root.x509], ['mx.elsewhere.test'])), 'name');
  assert.equal(told(verdict(record, [...good, root.x509], ['mx.elsewhere.test', 'there.test'])), 'matched');
  const old = await middle.issue({
    names: ['mx.there.test'],
    notBefore: new Date(0),
    notAfter: new Date(nowMs - 1000),
  });
  assert.equal(told(verdict(record, [...chainOf(old.chain), root.x509])), 'expired');
  const client = await middle.issue({ names: ['mx.there.test'], purposes: ['1.3.6.1.5.5.7.3.2'] });
  assert.equal(told(verdict(record, [...chainOf(client.chain), root.x509])), 'chain');
  const forbidden = await root.under('No authority', { ca: false });
  const fromIt = await forbidden.issue({ names: ['mx.there.test'] });
  assert.equal(told(verdict(record, [...chainOf(fromIt.chain), root.x509])), 'chain');
  const short = await testAuthority('Short', { pathLength: 0 });
  const below = await (await short.under('Below')).issue({ names: ['mx.there.test'] });
  assert.equal(told(verdict([tlsa(2, 0, 1, short.x509)], [...chainOf(below.chain), short.x509])), 'chain');
});

test('DANE-TA: a signature with a broken hash links no chain; what the anchor itself was signed with does not matter', async () => {
  const old = await testAuthority('Old', { sha1: true });
  const chain = [...chainOf((await old.issue({ names: ['mx.there.test'] })).chain), old.x509];
  assert.match(chain[0]!.signatureAlgorithm!, /sha1/i);
  assert.equal(told(verdict([tlsa(2, 0, 1, old.x509)], chain)), 'chain');
  assert.equal(told(verdict([tlsa(3, 1, 1, chain[0]!)], chain)), 'matched');
  const between = await old.under('Between');
  const sound = chainOf((await between.issue({ names: ['mx.there.test'] })).chain);
  assert.equal(told(verdict([tlsa(2, 0, 1, between.x509)], sound)), 'matched');
  assert.equal(told(verdict([tlsa(2, 0, 1, old.x509)], [...sound, old.x509])), 'chain');
});

test('DANE-TA: a certificate that only claims the name of the anchor as its issuer is not believed', async () => {
  const impostor = await testAuthority('Root');
  const forged = chainOf((await impostor.issue({ names: ['mx.there.test'] })).chain);
  assert.equal(told(verdict([tlsa(2, 0, 1, root.x509)], [...forged, root.x509])), 'mismatch');
  assert.equal(told(verdict([tlsa(2, 1, 0, root.x509)], forged)), 'mismatch');
});

test('DANE-TA never matches the certificate of the server itself', () => {
  assert.equal(told(verdict([tlsa(2, 1, 1, leaf)])), 'mismatch');
});

test('any record that matches is enough', () => {
  const wrong = tlsa(3, 1, 1, root.x509);
  assert.equal(told(verdict([wrong, tlsa(2, 1, 1, middle.x509)])), 'matched');
  assert.equal(told(verdict([tlsa(2, 1, 1, leaf), tlsa(3, 1, 1, leaf)])), 'matched');
});

test('records that SMTP cannot use are left out, and of two digests the weaker one', () => {
  const best = tlsa(3, 1, 2, leaf);
  const unusable: Tlsa[] = [
    tlsa(0, 0, 1, leaf),
    tlsa(1, 1, 1, leaf),
    { ...best, usage: 4 },
    { ...best, selector: 2 },
    { ...best, matchingType: 3 },
    { ...best, data: best.data.subarray(1) },
    { usage: 3, selector: 0, matchingType: 0, data: Buffer.from('no certificate') },
    { usage: 3, selector: 1, matchingType: 0, data: Buffer.from('no key') },
  ];
  assert.deepEqual(usableTlsa(unusable), []);
  const whole = tlsa(3, 1, 0, leaf);
  const weaker = tlsa(3, 1, 1, leaf);
  assert.deepEqual(usableTlsa([weaker, best, whole, ...unusable]), [best, whole]);
  assert.deepEqual(usableTlsa([tlsa(2, 1, 1, leaf), best]).length, 2, 'each usage for itself');
});

test('a server that shows nothing has not proved anything', () => {
  assert.equal(told(verdict([tlsa(3, 1, 1, leaf)], [])), 'chain');
});

test('records in words', () => {
  const record = tlsa(3, 1, 1, leaf);
  assert.match(shortTlsa(record), /^3 1 1 [0-9a-f]{16}…$/);
  assert.match(printTlsa(record), /^3 1 1 [0-9a-f]{64}$/);
});
