import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { testAuthority } from '../../net/testing-authority.ts';
import { partsOf } from './certificate-parts.ts';
import { printTlsa, shortTlsa, usableTlsa, type Tlsa } from './tlsa.ts';

const { raw } = (await testAuthority('Root')).x509;
const spki = Buffer.from(partsOf(raw).publicKey);

const damaged = (bytes: Buffer): fc.Arbitrary<Uint8Array> =>
  fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 4 }).map((changes) => {
    const copy = Uint8Array.from(bytes);
    for (const [at, to] of changes) copy[at] = to;
    return copy;
  });
const cut = (bytes: Buffer): fc.Arbitrary<Uint8Array> =>
  fc.nat(bytes.length).map((length) => Uint8Array.from(bytes.subarray(0, length)));
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  fc.uint8Array({ minLength: 64, maxLength: 64 }),
  damaged(raw),
  damaged(spki),
  cut(raw),
  cut(spki),
);

test('record data of noise is sorted without a word', () => {
  const small = fc.nat(4);
  const record: fc.Arbitrary<Tlsa> = fc.record({
    usage: small,
    selector: small,
    matchingType: small,
    data: anyBytes,
  });
  fc.assert(
    fc.property(fc.array(record, { maxLength: 8 }), (records) => {
      for (const one of usableTlsa(records)) {
        assert(one.usage === 2 || one.usage === 3);
        assert(one.selector <= 1 && one.matchingType <= 2);
        assert(one.matchingType === 0 || one.data.length === 32 * one.matchingType);
        assert(shortTlsa(one).length < 40 && printTlsa(one).endsWith(Buffer.from(one.data).toString('hex')));
      }
    }),
    { numRuns: 500 },
  );
});

test('a certificate of noise has parts, or is a RangeError', () => {
  fc.assert(
    fc.property(anyBytes, (der) => {
      try {
        assert(partsOf(der).publicKey.length > 0);
      } catch (error) {
        assert(error instanceof RangeError, String(error));
      }
    }),
    { numRuns: 3000 },
  );
});
