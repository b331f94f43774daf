import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { BodyHash, type Canonicalization } from './body-hash.ts';

/** RFC 6376, 3.4.3 and 3.4.4 as they read, on the whole body. */
function canonical(body: string, how: Canonicalization): string {
  const lines = body.split('\r\n');
  const squeezed =
    how === 'simple' ? lines : lines.map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (squeezed.at(-1) === '') squeezed.pop();
  const text = squeezed.map((line) => `${line}\r\n`).join('');
  return text === '' && how === 'simple' ? '\r\n' : text;
}

const digestOf = (text: string): string =>
  createHash('sha256').update(Buffer.from(text, 'latin1')).digest('base64');

const bodies = fc
  .array(fc.constantFrom('\r', '\n', '\r\n', ' ', '\t', 'a', 'bc', '\r\n\r\n', '  ', '\0', 'é', '=20'))
  .map((parts) => parts.join(''));
/** Long runs in which nothing is to be done, up to and around the size of a block. */
const runs = fc
  .array(
    fc.oneof(
      fc.constantFrom('\r', '\n', '\r\n', ' ', '\t', 'a b '),
      fc.integer({ min: 250, max: 262 }).map((length) => 'word and '.repeat(30).slice(0, length)),
    ),
  )
  .map((parts) => parts.join(''));

test('the hash is that of the canonical body, however it was cut into chunks', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        bodies.map((body) => [body, 1] as const),
        runs.map((body) => [body, 200] as const),
      ),
      fc.integer({ min: 1, max: 5 }),
      ([body, unit], times) => {
        const size = unit * times;
        const bytes = Buffer.from(body, 'latin1');
        for (const canonicalization of ['simple', 'relaxed'] as const) {
          const hash = new BodyHash({ canonicalization, hash: 'sha256' });
          for (let at = 0; at < bytes.length; at += size) hash.write(bytes.subarray(at, at + size));
          assert.equal(hash.digest(), digestOf(canonical(body, canonicalization)), JSON.stringify(body));
          assert.equal(hash.bodyBytes, canonical(body, canonicalization).length);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test('l= counts octets of the canonical body', () => {
  fc.assert(
    fc.property(bodies, fc.integer({ min: 0, max: 30 }), (body, length) => {
      const hash = new BodyHash({ canonicalization: 'relaxed', hash: 'sha256', length });
      hash.write(Buffer.from(body, 'latin1'));
      assert.equal(hash.digest(), digestOf(canonical(body, 'relaxed').slice(0, length)));
    }),
  );
});

test('a body larger than any buffer, and a million empty lines', () => {
  const line = 'A line of text that is about as long as lines of text in mail are.\r\n';
  for (const body of [
    line.repeat(5000),
    `x${'\r\n'.repeat(1_000_000)}y\r\n`,
    '\r\n'.repeat(100_000),
    ' '.repeat(50_000),
  ]) {
    for (const canonicalization of ['simple', 'relaxed'] as const) {
      const hash = new BodyHash({ canonicalization, hash: 'sha256' });
      const bytes = Buffer.from(body, 'latin1');
      for (let at = 0; at < bytes.length; at += 65_536) hash.write(bytes.subarray(at, at + 65_536));
      assert.equal(hash.digest(), digestOf(canonical(body, canonicalization)));
    }
  }
});
