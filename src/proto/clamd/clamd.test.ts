import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ClamdError, ClamdReader, parseScan, streamEnd, streamPiece } from './clamd.ts';

test('pieces of a stream carry their length, and an empty one does not end it', () => {
  assert.deepEqual(streamPiece(Buffer.from('abc')), Buffer.from('\0\0\0\x03abc', 'latin1'));
  assert.equal(streamPiece(Buffer.alloc(0)).length, 0);
  assert.deepEqual(streamEnd, Buffer.from('\0\0\0\0', 'latin1'));
});

test('what clamd answers to a scan', () => {
  assert.deepEqual(parseScan('stream: OK'), { is: 'clean' });
  assert.deepEqual(parseScan('stream: Eicar-Test-Signature FOUND'), {
    is: 'found',
    name: 'Eicar-Test-Signature',
  });
  // ExtendedDetectionInfo, and signatures that are not the official ones.
  assert.deepEqual(parseScan('stream: Win.Test.EICAR_HDB-1(44d88612fea8a8f36de82e1278abb02f:68) FOUND'), {
    is: 'found',
    name: 'Win.Test.EICAR_HDB-1',
  });
  assert.deepEqual(parseScan('stream: Local.Rule.UNOFFICIAL FOUND'), {
    is: 'found',
    name: 'Local.Rule.UNOFFICIAL',
  });
  for (const answer of ['INSTREAM size limit exceeded. ERROR', 'stream: OK\nstream: X FOUND', 'OK', ''])
    assert.throws(() => parseScan(answer), ClamdError, answer);
});

test('an answer may come in any pieces, and nothing may come behind it', () => {
  const reader = new ClamdReader();
  assert.equal(reader.push(Buffer.from('stream')), undefined);
  assert.equal(reader.push(Buffer.from(': OK\0')), 'stream: OK');
  assert.throws(() => new ClamdReader().push(Buffer.from('stream: OK\0stream: OK\0')), ClamdError);
  assert.throws(() => new ClamdReader().push(Buffer.alloc(5000, 0x61)), ClamdError);
});

test('whatever a daemon answers is an answer or a ClamdError', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), (chunks) => {
      const reader = new ClamdReader();
      try {
        for (const chunk of chunks) {
          const answer = reader.push(Buffer.from(chunk));
          if (answer === undefined) continue;
          const scan = parseScan(answer);
          assert(scan.is === 'clean' || /^[!-~]{1,200}$/.test(scan.name));
          return;
        }
      } catch (error) {
        assert(error instanceof ClamdError);
      }
    }),
  );
});
