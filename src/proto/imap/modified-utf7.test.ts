import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { conformanceFolder } from '../../../test/conformance.ts';
import { decodeModifiedUtf7, encodeModifiedUtf7 } from './modified-utf7.ts';

interface Vector {
  readonly mutf7: string;
  readonly utf8?: string;
  readonly expect?: 'invalid';
}

const folder = conformanceFolder('vectors');

test('the published vectors of modified UTF-7 hold both ways', {
  skip: folder === undefined && 'no conformance data',
}, () => {
  const vectors = JSON.parse(readFileSync(join(folder!, 'imap-modified-utf7.json'), 'utf8')) as Vector[];
  for (const { mutf7, utf8, expect } of vectors) {
    if (expect === 'invalid') assert.equal(decodeModifiedUtf7(mutf7), undefined, mutf7);
    else {
      assert.equal(decodeModifiedUtf7(mutf7), utf8);
      assert.equal(encodeModifiedUtf7(utf8!), mutf7);
    }
  }
});

test('every name survives the way to modified UTF-7 and back', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      (name) => decodeModifiedUtf7(encodeModifiedUtf7(name)) === name.toWellFormed(),
    ),
  );
});

test('noise never throws, and what decodes has one spelling', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[&\-A-Za-z0-9+,/日]{0,20}$/), (wire) => {
      const name = decodeModifiedUtf7(wire);
      return name === undefined || encodeModifiedUtf7(name) === wire;
    }),
    { numRuns: 2_000 },
  );
});
